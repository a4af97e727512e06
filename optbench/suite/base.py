"""What the models of a suite share: frozen, no unknown fields, no silent conversions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from optbench.contract.arguments import short
from optbench.contract.errors import OptbenchError
from optbench.contract.text import visible
from optbench.registry.registry import Registry, registry


class Model(BaseModel):
    """Strict: "20" is no number and 1.0 no whole number, since a silent conversion hides a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


def registry_of(info: ValidationInfo) -> Registry:
    """The registry that names are looked up in: the one given with the validation, else this process's."""
    context = info.context or {}
    return context.get("registry") or registry()


@contextmanager
def as_problem() -> Iterator[None]:
    """Make an `OptbenchError` one problem of the field that is being validated."""
    try:
        yield
    except OptbenchError as error:
        raise problem(str(error)) from None


def problem(message: str, whole: bool = False) -> PydanticCustomError:
    """A problem of the field that is being validated, in these words; with `whole`, of the table that it is in."""
    return PydanticCustomError("optbench", "{message}", {"message": message, "whole": whole})


#: characters of a name
LONGEST = 60


def _name(value: str) -> str:
    # Names become file names of figures, columns of tables, and arguments of commands.
    if set(value) & set("/"):
        raise problem(f"a name is a printable text without slashes, quotes or outer blanks, got {value!r}")
    return _label(value)


def _label(value: str) -> str:
    if not value or value != value.strip() or not value.isprintable() or set(value) & set('\\"'):
        raise problem(f"a name is a printable text without slashes, quotes or outer blanks, got {value!r}")
    if len(value) > LONGEST:
        raise problem(f"a name has at most {LONGEST} characters, got {len(value)}")
    return value


def _line(value: str) -> str:
    if visible(value) != value:
        raise problem(f"must be one line without control characters, got {short(value)}")
    return value


def _lines(value: str) -> str:
    if visible(value, keep="\n\t") != value:
        raise problem(f"must be a text without control characters, got {short(value)}")
    return value


Name = Annotated[str, AfterValidator(_name)]
#: of candidates, which may be called as optimizers are ("torch/adamw"): no file has their name
Label = Annotated[str, AfterValidator(_label)]
#: titles, statements and what is called by free words; texts of several lines
Line = Annotated[str, AfterValidator(_line)]
Lines = Annotated[str, AfterValidator(_lines)]
#: the same, and not empty
Title = Annotated[str, Field(min_length=1), AfterValidator(_line)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_lines)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]


def tables(raw: Mapping[str, Any], plural: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(number, table) of a list of tables, before anything was checked: what is no table is left out."""
    items = raw.get(plural)
    for number, item in enumerate(items if isinstance(items, (list, tuple)) else ()):
        if isinstance(item, Mapping):
            yield number, item


class Titled(Model):
    """What a workload and a candidate share: a title that is the name where none is given, and lists of components of
    which a single one may be written without a list."""

    name: str
    title: Line = ""

    @model_validator(mode="before")
    @classmethod
    def _singular(cls, table: Any) -> Any:
        table = one_or_many(table, "normalizer", "normalizers")
        return one_or_many(table, "regularizer", "regularizers")

    @field_validator("title")
    @classmethod
    def _title(cls, title: str, info: ValidationInfo) -> str:
        return title or info.data.get("name", "")

    @field_validator("normalizers", "regularizers", check_fields=False)
    @classmethod
    def _list(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and cls.model_fields[str(info.field_name)].default is None:
            return None
        values = list(value) if isinstance(value, (list, tuple)) else [value]
        with as_problem():
            found = [cls.read(str(info.field_name), item, registry_of(info)) for item in values]
        names = [item["name"] for item in found]
        for number, name in enumerate(names):
            if name in names[:number]:  # paths into a list go by name
                raise problem(f"{name!r} is there twice")
        return found

    @staticmethod
    def read(kind: str, value: Any, registry: Registry) -> dict[str, Any]:
        """A component of this kind as a table with every setting."""
        raise NotImplementedError


def one_or_many(table: Any, singular: str, plural: str) -> Any:
    """The table with `plural` as its only spelling: one normalizer may be written without a list."""
    if isinstance(table, dict) and singular in table:
        if plural in table:
            raise problem(f"give either {singular} or {plural}, not both")
        table = dict(table)
        table[plural] = table.pop(singular)
    return table
