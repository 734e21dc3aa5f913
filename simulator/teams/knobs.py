"""Settings for behaviour of Teams that is unknown, or on which reports differ."""

from dataclasses import dataclass


@dataclass
class Knobs:
    """Change one to test that the product does not depend on it.

    names_text_of_split  whether the answer to a new thread that was split has the id of its text; real Teams does not
                         say whether an id is that of the text
    refuses_targeted     status with which this tenant refuses targeted messages; 0 if it accepts them
    region               region in the address that activities contain: a tenant can be moved to another region, and
                         the old address then answers no more (BotBuilder-MicrosoftTeams#63)
    """

    names_text_of_split: bool = True
    refuses_targeted: int = 0
    region: str = "teams"
