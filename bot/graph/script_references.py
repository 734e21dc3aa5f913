"""Scripts that an object only refers to, read where they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from approvals.subject import Purpose
from bot.graph import hiding, loose
from bot.graph.http import GraphClient
from bot.graph.scripts import (
    FoundScript,
    Held,
    objects_in,
    scripts_in,
)
from handlers.ports.errors import Forbidden, NotFound, TokenRefused


@dataclass(frozen=True, slots=True)
class Reference:
    """A script that the payload only names. `place` is its address below Graph's version, empty if it is unknown."""

    path: str
    purpose: Purpose
    id: str
    place: str


@dataclass(frozen=True, slots=True)
class Referred:
    """The script behind a reference as it is now; no scripts if Graph does not show it. `modified_at` is when it was
    last changed, if it says so."""

    reference: Reference
    scripts: tuple[FoundScript, ...]
    modified_at: datetime | None = None

    @property
    def is_unread(self) -> bool:
        """Return whether the text is unknown."""
        return not self.scripts


_ACTIVE = {"activeInstallScript": Purpose.INSTALL, "activeUninstallScript": Purpose.UNINSTALL}


def references_in(payload: Any, target_id: str) -> tuple[Reference, ...]:
    """Return every script that the object of that id only names."""
    return tuple(found for held in objects_in(payload, "", ()) for found in _references(held, target_id))


async def read_referred(client: GraphClient, references: Iterable[Reference]) -> tuple[Referred, ...]:
    """Read the scripts behind these references. If a neighbour fails, this raises: a part would look like different
    content."""
    return tuple([await _referred(client, reference) for reference in references])


def _references(held: Held, target_id: str) -> Iterator[Reference]:
    """Yield the scripts that an object names and does not contain.

    Win32 apps refer to scripts of their content (`activeInstallScript.targetId`, mobileAppScriptReference), which are
    read below the version that is in use, with the type in the path, as KelvinTegelaar/CIPP-API writes them. Custom
    compliance refers to a separate script, on Linux to a reusable setting (almenscorner/IntuneCD).
    """
    version = loose.text(held.value, "committedContentVersion")
    scripts = f"deviceAppManagement/mobileApps/{_in_path(target_id)}/microsoft.graph.win32LobApp/contentVersions"
    for name, part in _ACTIVE.items():
        if script := loose.text(loose.get(held.value, name), "targetId"):
            place = f"{scripts}/{_in_path(version)}/scripts/{_in_path(script)}" if version and target_id else ""
            yield Reference(held.below(name), part, script, place)
    if script := loose.identifier(held.value, "deviceComplianceScriptId"):
        place = f"deviceManagement/deviceComplianceScripts/{_in_path(script)}"
        yield Reference(held.below("deviceComplianceScriptId"), Purpose.DISCOVERY, script, place)
    value = loose.get(held.value, "simpleSettingValue")
    if loose.text(value, "@odata.type").endswith("ReferenceSettingValue") and (script := loose.text(value, "value")):
        definition = loose.text(held.value, "settingDefinitionId").casefold()
        part = Purpose.DISCOVERY if "discoveryscript" in definition else Purpose.CONFIGURATION
        place = f"deviceManagement/reusablePolicySettings/{_in_path(script)}"
        yield Reference(held.below("simpleSettingValue.value"), part, script, place)


def _in_path(part: str) -> str:
    return quote(part, safe="")


async def _referred(client: GraphClient, reference: Reference) -> Referred:
    if not reference.place:
        return Referred(reference, ())
    try:
        found = hiding.without_secrets(await client.get(f"/beta/{reference.place}"))
    except TokenRefused:
        raise  # a refused token does not mean that it is hidden
    except (NotFound, Forbidden):
        return Referred(reference, ())
    told = tuple(_told_by(reference, script) for script in scripts_in(found))
    return Referred(reference, told, loose.moment(found, "lastModifiedDateTime"))


def _told_by(reference: Reference, script: FoundScript) -> FoundScript:
    return replace(script, path=f"{reference.path} > {script.path}", purpose=reference.purpose)
