"""How this Teams behaves where reports about the real one differ, or where nobody knows."""

from dataclasses import dataclass


@dataclass
class Knobs:
    """Turn one to test that the product does not depend on it.

    names_text_of_split  whether a new thread that was split names the id of its text; Teams says of neither kind which
                         it is
    refuses_targeted     the status with which this tenant refuses messages for one person alone; 0 where it takes them
    region               the region whose address activities name: a tenant can be moved to another, and the old one is
                         not answered any more (BotBuilder-MicrosoftTeams#63)
    """

    names_text_of_split: bool = True
    refuses_targeted: int = 0
    region: str = "teams"
