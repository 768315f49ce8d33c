"""What is told of every setting."""

from __future__ import annotations

from agent.model.keys import KEYS
from agent.model.settings import Settings


def test_every_setting_is_told_of_in_the_order_of_the_settings():
    assert (
        *(key.attribute for key in KEYS),
        "compliance_tailored",
    ) == Settings._fields  # made of the file that is named


def test_a_setting_is_named_like_its_variable():
    named = {key.variable: key.name for key in KEYS}
    assert len(named) == len(KEYS)
    assert named["STOCKTAKE_STATE_DIR"] == "state_dir"
    assert named["STOCKTAKE_BACKEND_TOKEN_FILE"] == "backend.token_file"
