"""Every action that resources declare, with what does it, and how its answer is written."""

from __future__ import annotations

from functools import partial

from portvakt.api.actions import functions
from portvakt.api.actions.answers import as_json, as_lines, as_page, as_signed, as_stored_lines
from portvakt.api.actions.running import ActionTable
from portvakt.resources import event_log, person
from portvakt.resources.accounts import integration_user_agent as activation
from portvakt.resources.integrations import (
    answered_integration_personal_information_access as answer,
)
from portvakt.resources.platform import administrator, credential, token

ACTIONS: ActionTable = {
    activation.CATEGORY_LEADER: (functions.category_leaders, as_json),
    administrator.LOGIN: (functions.log_in, as_json),
    administrator.SET_PASSWORD: (functions.set_password, as_json),
    answer.RECEIPT: (functions.receipt, as_signed),
    answer.CHECK: (functions.check, as_json),
    answer.CHECK_MANY: (partial(functions.check_many, answer.CHECK_MANY), as_json),
    answer.ACCESSIBLE: (functions.accessible, as_lines),
    credential.ISSUE: (functions.issue_credential, as_json),
    credential.ROTATE: (functions.rotate_credential, as_json),
    credential.REVOKE: (functions.revoke_credential, as_json),
    event_log.CHECKPOINT: (functions.checkpoint, as_signed),
    event_log.LEDGER: (functions.whole_ledger, as_stored_lines),
    person.ERASE: (functions.erase_person, as_json),
    person.EXPORT: (functions.export_person, as_page),
    token.REVOKE: (functions.revoke_token, as_json),
}
