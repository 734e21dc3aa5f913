"""Channels as administrators write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.channel_address import channel_id

ID = "19:a1B2c3_d-e.f=@thread.tacv2"
ENCODED = "19%3Aa1B2c3_d-e.f%3D%40thread.tacv2"
TAIL = "groupId=6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22&tenantId=b3d94f10-7c55-4e0a-8a43-5f2f9c7d1e08"


@pytest.mark.parametrize(
    "written",
    [
        ID,
        f"  {ID}\n",
        ENCODED,
        f"{ID};messageid=1700000000000",
        f"https://teams.microsoft.com/l/channel/{ENCODED}/Approvals?{TAIL}",
        f"https://teams.microsoft.com/l/channel/{ENCODED.lower().replace('a1b2', 'a1B2')}?{TAIL}",
        f"https://teams.microsoft.com/l/channel/{ID}/Approvals",
        f"https://teams.cloud.microsoft/l/channel/{ENCODED}/Approvals%20%2F%20IT?{TAIL}&ngc=true",
        f"https://gov.teams.microsoft.us/l/channel/{ENCODED}/Approvals?{TAIL}",
        f"https://teams.microsoft.com/l/team/{ENCODED}/conversations?{TAIL}",
        f"https://teams.microsoft.com/l/message/{ENCODED}/1700000000000?{TAIL}&parentMessageId=1700000000000",
        f"<https://teams.microsoft.com/l/channel/{ENCODED}/Approvals?{TAIL}>",
    ],
)
def test_every_form_of_a_channel_gives_its_id(written: str) -> None:
    """The id, encoded or not, and every address that Teams gives out are accepted."""
    assert channel_id(written) == ID


@pytest.mark.parametrize("chat", ["19:0123456789abcdef@thread.v2", "19:meeting_QUJD@thread.v2", "19:old@thread.skype"])
def test_group_chats_and_old_channels_are_conversations_too(chat: str) -> None:
    """The id of a group chat is accepted as well."""
    assert channel_id(chat) == chat
    assert channel_id(f"https://teams.microsoft.com/l/chat/{chat}/0?tenantId=x") == chat


@pytest.mark.parametrize(
    "written",
    [
        "",
        "General",
        "#General",
        "approvals@contoso.example",
        "6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22",
        "19:@thread.tacv2",
        "19:a b@thread.tacv2",
        "19:a@thread.tacv3",
        f"{ID} and more",
        f"{ID}/../19:b@thread.tacv2",
        f"{ID}\n19:b@thread.tacv2",
        "19:4f0c@unq.gbl.spaces",
        "29:1abc",
        "https://teams.microsoft.com",
        "https://teams.microsoft.com/l/channel/General",
        f"https://teams.microsoft.com/l/app/{ENCODED}",
        f"https://teams.microsoft.com/?channel={ENCODED}",
        f"http://teams.microsoft.com/l/channel/{ENCODED}/General",
        "https://[",
        None,
        5,
        [ID],
        {"id": ID},
    ],
)
def test_anything_else_is_told_what_to_paste(written: object) -> None:
    """Anything else is refused, and the message says where to get an address."""
    with pytest.raises(ValueError, match="Get link to channel"):
        channel_id(written)


@given(st.text() | st.from_regex(re.compile(r"https://.{0,20}/l/channel/.{0,40}")))
def test_whatever_is_written_gives_an_id_or_the_sentence(written: str) -> None:
    """Any text gives either this error or an id without characters that are special in an address."""
    try:
        found = channel_id(written)
    except ValueError as error:
        found = str(error)

    assert "Get link to channel" in found or re.fullmatch(r"19:[\w.=-]+@thread\.\w+", found, re.ASCII)
