"""Microsoft's clouds, and the addresses of each.

Sources: "National clouds" (Entra and Graph roots) and "Bot Framework: authentication" in Microsoft's documentation; the
service origins are the hosts that Teams names in activities. Addresses of Teams' web client: "Office 365 US Government
GCC High endpoints" and "... DoD endpoints" (learn.microsoft.com/microsoft-365/enterprise). GCC uses the public clients;
GCC High and DoD have their own hosts, and links to another cloud's do not work (msteams-docs#704,
teams-for-linux#2963). Addresses of the Intune admin center: one for the public clouds, and one for both of the US
government (maester365/maester, Get-MtAdminPortalUrl.ps1: USGov and USGovDoD).
"""

from dataclasses import dataclass
from enum import StrEnum

_RECEIVED = "#view/Microsoft_Intune_DeviceSettings/MultiAdminApprovalMenu/~/received"
"""Intune's page of received requests."""


class CloudName(StrEnum):
    """The clouds that have both Teams and Intune."""

    GLOBAL = "global"
    GCC = "gcc"
    GCC_HIGH = "gcc-high"
    DOD = "dod"


@dataclass(frozen=True, slots=True)
class Cloud:
    """The addresses of one cloud.

    `authority` is Entra's, without a tenant; `bot_metadata` lists the keys that the Bot Connector signs with, as
    `bot_issuer`; `bot_scope` is the scope of the bot's own token; `service_origins` are where it may be sent. `teams`
    is the web client of Teams, for links to messages; `portal` is the Intune admin center.
    """

    authority: str
    graph: str
    bot_metadata: str
    bot_issuer: str
    bot_scope: str
    service_url: str
    service_origins: tuple[str, ...]
    teams: str
    portal: str

    @property
    def portal_url(self) -> str:
        """The page of the requests that wait for another person, in Intune's portal."""
        return f"{self.portal}/{_RECEIVED}"


_PUBLIC = Cloud(
    authority="https://login.microsoftonline.com",
    graph="https://graph.microsoft.com",
    bot_metadata="https://login.botframework.com/v1/.well-known/openidconfiguration",
    bot_issuer="https://api.botframework.com",
    bot_scope="https://api.botframework.com/.default",
    service_url="https://smba.trafficmanager.net/teams/",
    service_origins=("https://smba.trafficmanager.net", "https://*.botframework.com", "https://*.teams.microsoft.com"),
    teams="https://teams.microsoft.com",
    portal="https://intune.microsoft.com",
)

_GOVERNMENT = Cloud(
    authority="https://login.microsoftonline.us",
    graph="https://graph.microsoft.us",
    bot_metadata="https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
    bot_issuer="https://api.botframework.us",
    bot_scope="https://api.botframework.us/.default",
    service_url="https://smba.infra.gov.teams.microsoft.us/teams/",
    service_origins=("https://*.botframework.azure.us", "https://*.teams.microsoft.us"),
    teams="https://gov.teams.microsoft.us",
    portal="https://intune.microsoft.us",
)

CLOUDS = {
    CloudName.GLOBAL: _PUBLIC,
    CloudName.GCC: Cloud(
        authority=_PUBLIC.authority,
        graph=_PUBLIC.graph,
        bot_metadata=_PUBLIC.bot_metadata,
        bot_issuer=_PUBLIC.bot_issuer,
        bot_scope=_PUBLIC.bot_scope,
        service_url="https://smba.infra.gcc.teams.microsoft.com/teams/",
        service_origins=_PUBLIC.service_origins,
        teams=_PUBLIC.teams,
        portal=_PUBLIC.portal,
    ),
    CloudName.GCC_HIGH: _GOVERNMENT,
    CloudName.DOD: Cloud(
        authority=_GOVERNMENT.authority,
        graph="https://dod-graph.microsoft.us",
        bot_metadata=_GOVERNMENT.bot_metadata,
        bot_issuer=_GOVERNMENT.bot_issuer,
        bot_scope=_GOVERNMENT.bot_scope,
        service_url="https://smba.infra.dod.teams.microsoft.us/teams/",
        service_origins=_GOVERNMENT.service_origins,
        teams="https://dod.teams.microsoft.us",
        portal=_GOVERNMENT.portal,
    ),
}
