"""The application that every command registers itself with."""

import typer

app = typer.Typer(
    name="optbench",
    help="Does this optimizer, initializer, regularizer, schedule or normalizer train better, and am I sure?",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
