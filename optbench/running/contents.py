"""What the datasets of a suite hold now: part of every trial's key."""

from threadpoolctl import threadpool_limits

from optbench.contract.components import InputNormalizer
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.registry.registry import Registry
from optbench.suite import Suite
from optbench.training.assembly import data_of, network_of, own_problem_of
from optbench.training.preparation import forget
from optbench.trials.content import LENGTH
from optbench.trials.trial import Settings
from optbench.tuning import data_sources


def contents(suite: Suite, registry: Registry) -> dict[str, str]:
    """{label of a source: the first digits of its digest}, read anew.

    Prepared as its workload asks: the estimate, the calibration and a serial run then have it at hand. What cannot be
    read is left out: its trials tell why. Settings that are not possible for what data hold, and networks that cannot
    read them, are an `OptbenchError`; so are problems of one's own that do not give what they must.
    """
    forget()
    with threadpool_limits(1):  # as in the workers: drawn data may hold products, whose last bits depend on threads
        return _read(suite, registry)


def _try(name: str, settings: Settings, registry: Registry) -> None:
    """Raise `OptbenchError` where a function or problem does not give what it must, before anything is trained.

    What it raises by itself its trials tell.
    """
    try:
        initializer = registry.create("initializers", settings["initializer"])
        own_problem_of(settings, [1], [initializer], registry)
    except OptbenchError as error:
        raise OptbenchError(f"workload {name}: {error}") from error
    except (Exception, SystemExit):
        pass


def _read(suite: Suite, registry: Registry) -> dict[str, str]:
    found: dict[str, str] = {}
    for workload in (at for base in suite.workloads for at in (base, *suite.variants(base))):
        settings = workload.model_dump(mode="json")
        if workload.bare:
            _try(workload.name, settings, registry)
        own = registry.resolves((settings.get("network") or {}).get("name", ""))
        for source in data_sources(workload):
            if source.label in found and not own:
                continue
            try:
                normalizers = [registry.create("normalizers", table) for table in settings["normalizers"] or ()]
                inputs = [n for n in normalizers if isinstance(n, InputNormalizer)]
                data = data_of(settings, inputs, registry)
                network_of(settings, data, (), registry)
            except ComponentError as error:  # a file that is not as the suite says, a network that cannot read the data
                raise OptbenchError(f"workload {workload.name}: {error}") from error
            except (Exception, SystemExit):
                continue
            found[source.label] = data.provenance["sha256_arrays"][:LENGTH]
    return found
