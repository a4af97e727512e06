"""Names of metrics in words, marked for the catalogues: tables, axes and sentences make them of a field's name."""

from optbench.language import N_

#: on axes and in tables
NAMES = (
    N_("accuracy"), N_("loss"), N_("value"), N_("R²"), N_("steps to target"), N_("gradients to target"),
    N_("epochs to target"), N_("seconds to target"), N_("generalization gap"), N_("train loss"),
    N_("final train loss"), N_("train accuracy"), N_("final train accuracy"), N_("train metric"),
    N_("final train metric"), N_("validation loss"), N_("final validation loss"), N_("validation accuracy"),
    N_("final validation accuracy"), N_("validation metric"), N_("final validation metric"), N_("test loss"),
    N_("final test loss"), N_("test accuracy"), N_("final test accuracy"), N_("test metric"),
    N_("final test metric"), N_("unit spread"), N_("activation drift"), N_("gradient drift"),
    N_("statistics gap"), N_("loss rises"), N_("oscillation"), N_("detour"), N_("weight norm"),
)  # fmt: skip
#: at the beginning of a sentence
QUANTITIES = (
    N_("Steps to the target"), N_("Epochs to the target"), N_("Gradients to the target"),
    N_("Seconds to the target"), N_("Gap in accuracy between training and test"),
    N_("Gap in loss between training and test"), N_("Training accuracy"), N_("Training loss"),
    N_("Validation accuracy"), N_("Validation loss"), N_("Test accuracy"), N_("Test loss"), N_("Test metric"),
)  # fmt: skip
#: units of an effect
UNITS = N_("steps"), N_("epochs"), N_("gradients"), N_("seconds"), N_("relative")
#: what a profile is of
LAYERS = N_("activations"), N_("gradients")
