"""A resource that is declared wrongly stops the program, with its file's name and the mistake."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from portvakt import resources
from portvakt.errors import DeclarationError
from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Boolean, Reference, References, Text, Uuid
from portvakt.schema.paths import ReferredBy
from portvakt.schema.privacy import OfPersons
from portvakt.schema.query import ListDefaults
from portvakt.schema.registry import Registry, content_type_id
from portvakt.schema.resource import Application, GenericReference, IdMapping, Resource
from portvakt.schema.rights import Guard
from portvakt.schema.rows import AboutActivation, OfApplication
from portvakt.schema.rules import AtLeastOneOf, Requires, SetTogether

APPLICATION = Application("things", "Things", "1.0.0", "Things.")
FILE = "somewhere/things/small_box.py"
RIGHT = (fields.ID, fields.CREATED_AT, Text("label"))
SECRETS = (Text("name", personal=True), Text("alias", personal=True))


def declared(name: str = "small_box", **changes: Any) -> Resource:
    """A right declaration, with changes."""
    stated: dict[str, Any] = {
        "declared_in": f"somewhere.things.{name}",
        "path": f"/things/{name.replace('_', '')}/",
        "description": "A box.",
        "fields": RIGHT,
        **changes,
    }
    return Resource(**stated)


def mistake(*declarations: Resource) -> str:
    """What is said of declarations that can't all be right."""
    with pytest.raises(DeclarationError) as raised:
        Registry([APPLICATION], declarations)
    return str(raised.value)


def test_a_right_declaration_is_taken() -> None:
    """Its names follow from its file."""
    box = declared(checks=(Unique(("label",)),))
    registry = Registry([APPLICATION], [box], ["others.thing"])
    assert (box.application, box.model, box.name) == ("things", "smallbox", "things.smallbox")
    assert (box.title, box.file) == ("Smallbox", FILE)
    assert registry.resource_of(content_type_id("things.smallbox")) is box
    assert registry.resource_of(content_type_id("others.thing")) is None
    assert registry.resource_of("nothing") is None


def test_all_declared_resources_are_right() -> None:
    """Those that the program is shipped with."""
    assert resources.load().resources


def test_all_of_an_activation_is_guarded_but_its_notes() -> None:
    """A field that is declared tomorrow is guarded too, or somebody has to think and name it."""
    activation = resources.load().resources["accounts.integrationuseragent"]
    open_ = {field.name for field in activation.writable if field.guarded is not Guard.people}
    notes = {"activation_variables", "integration_activation_data", "organization", "custom_id"}
    assert open_ == notes
    assert activation.made_by_people


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"fields": (*RIGHT, *SECRETS), "checks": (SetTogether(("name", "alias")),)},
            "The rule SetTogether can't be judged without personal fields.",
        ),
        (
            {"fields": (*RIGHT, *SECRETS), "checks": (Requires(("name", "label")),)},
            "The rule Requires can't be judged without personal fields.",
        ),
        (
            {"fields": (*RIGHT, Text("alias", personal=True, guarded=Guard.people))},
            "The field `alias` is guarded, and so can't be read-only or personal.",
        ),
        (
            {"fields": (*RIGHT, *SECRETS), "checks": (Unique(("label", "name")),)},
            "A unique key with the personal field `name` would tell what it holds.",
        ),
        (
            {"fields": (*RIGHT, References("boxes", target="things.smallbox", personal=True))},
            "The field `boxes` can't be personal: it refers to many items.",
        ),
        ({"fields": RIGHT[1:]}, "The field `id` is missing."),
        ({"fields": (RIGHT[0], RIGHT[2])}, "The field `created_at` is missing."),
        ({"fields": (*RIGHT, Boolean("label"))}, "The field `label` is declared twice."),
        ({"fields": (*RIGHT, Text("Label2"))}, "'Label2' must be a lower-case identifier"),
        ({"fields": (*RIGHT, Text("a-b"))}, "'a-b' must be a lower-case identifier"),
        ({"fields": (*RIGHT, Text(""))}, "'' must be a lower-case identifier"),
        ({"fields": (*RIGHT, Text("_a"))}, "`_a` may not start with `_`"),
        ({"fields": (*RIGHT, Text("a__in"))}, "`a__in` may not start with `_` nor contain `__`"),
        ({"fields": (*RIGHT, Uuid("customer_id"))}, "`customer_id` is taken by the engine"),
        ({"fields": (*RIGHT, Uuid("revision"))}, "`revision` is taken by the engine"),
        ({"fields": (*RIGHT, Uuid("updated_at"))}, "`updated_at` is taken by the engine"),
        ({"fields": (*RIGHT, Uuid("global_segments"))}, "is taken by the engine"),
        ({"fields": (*RIGHT, Reference("a"))}, "`a` needs a target such as"),
        ({"fields": (*RIGHT, Reference("a", target="box"))}, "`a` needs a target such as"),
        (
            {"fields": (*RIGHT, Text("a", required=True, read_only=True))},
            "`a` can't be both required and read-only",
        ),
        (
            {"fields": (*RIGHT, Text("a", additive=True, required=True))},
            "The additive field `a` can't be internal, personal or required",
        ),
        ({"checks": (Unique(("label",), without="a"),)}, "The check Unique names the field `a`"),
        ({"path": "things/box/"}, "'things/box/' must start and end with a slash"),
        ({"path": "/things/box"}, "'/things/box' must start and end with a slash"),
        ({"checks": (SetTogether(("label", "a")),)}, "The check SetTogether names the field `a`"),
        ({"checks": (AtLeastOneOf(("a",)),)}, "The check AtLeastOneOf names the field `a`"),
        ({"checks": (Unique(("a",)),)}, "The check Unique names the field `a`"),
        (
            {"generic_references": (GenericReference("label", "a"),)},
            "A generic reference names the field `a`",
        ),
        ({"rows": (OfApplication("a"),)}, "The rule OfApplication names the field `a`"),
        ({"rows": (AboutActivation("a"),)}, "The rule AboutActivation names the field `a`"),
        ({"listing": ListDefaults(hidden_by="a")}, "`hidden_by` of `listing` names the field `a`"),
        (
            {"mapping": IdMapping(GenericReference("label", "label"), "a")},
            "The mapping names the field `a`",
        ),
    ],
)
def test_a_mistake_is_told_with_its_file(changes: dict[str, Any], said: str) -> None:
    """Each mistake that a declaration can hold by itself."""
    message = mistake(declared(**changes))
    assert message.startswith(f"{FILE}: ")
    assert said in message


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    """One start shows all there is to mend."""
    message = mistake(
        declared(fields=(Text("_a"), Text("B")), path="box", listing=ListDefaults(hidden_by="c"))
    )
    for part in ("`id`", "`created_at`", "`_a`", "'B'", "'box'", "`c`"):
        assert part in message


def test_a_resource_is_declared_once() -> None:
    """Two files whose names make one wire name are both named."""
    twice = declared(declared_in="elsewhere.things.smallbox", path="/things/other/")
    assert mistake(declared(), twice) == (
        "elsewhere/things/smallbox.py: things.smallbox is declared in "
        "somewhere/things/small_box.py too."
    )


def test_a_path_belongs_to_one_resource() -> None:
    """Both files are named."""
    other = declared("large_box", path="/things/smallbox/")
    assert (
        mistake(declared(), other) == f"somewhere/things/large_box.py: its path is that of {FILE}."
    )


def test_a_folder_declares_its_application() -> None:
    """The file and the folder's own file are named."""
    lost = declared(declared_in="somewhere.nothings.small_box")
    assert mistake(lost) == (
        "somewhere/nothings/small_box.py: somewhere/nothings/__init__.py has no APPLICATION."
    )


def test_a_reference_has_a_target() -> None:
    """The file, the reference and the missing target are named; the order of files is no matter."""
    box = declared(fields=(*RIGHT, Reference("shelf", target="things.shelf")))
    message = f"{FILE}: the reference `shelf` points at things.shelf, which is not declared."
    assert mistake(box) == message
    shelf = declared("shelf")
    assert Registry([APPLICATION], [box, shelf]).target(box.references[0]) is shelf


def test_the_platform_refers_to_no_customers_data() -> None:
    """A row that belongs to nobody can't point at somebody's."""
    reference = Reference("shelf", target="things.shelf")
    box = declared(fields=(*RIGHT, reference), platform=True)
    assert "`shelf` leads from the platform into a customer's data" in mistake(
        box, declared("shelf")
    )
    registry = Registry([APPLICATION], [box, declared("shelf", platform=True)])
    assert registry.target(reference).platform


def test_a_file_without_its_value_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that declares nothing is a mistake: nothing there is skipped."""
    package = tmp_path / "declared_things"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "box.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    (module,) = resources._modules("declared_things")
    with pytest.raises(DeclarationError, match=r"declared_things/box: it declares no RESOURCE"):
        resources._held(module, "RESOURCE")
    with pytest.raises(DeclarationError, match=r"declared_things: it declares no APPLICATION"):
        resources._held(sys.modules["declared_things"], "APPLICATION")


def test_what_persons_have_says_so() -> None:
    """An item that a personal field refers to shows what is personal where that person is seen."""
    owner = Reference("owner", target="things.smallbox", personal=True)
    assert "must name it in its `privacy`" in mistake(declared(fields=(*RIGHT, owner)))
    box = declared(
        fields=(*RIGHT, owner), privacy=OfPersons(ReferredBy("things.smallbox", "owner"))
    )
    assert box.belongs_to_persons
    assert Registry([APPLICATION], [box]).resources
