"""Stage 30: what each message does.

In:        an `Execution`
Out:       a response
Not here:  the stages around it (pipeline)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verselet.messages import facts as questions
from verselet.messages import files as content
from verselet.messages import request as messages
from verselet.messages import tracking as changes
from verselet.operations.associate import associate, disassociate
from verselet.operations.bulk import update_multiple, upsert_multiple
from verselet.operations.definitions.catalogue import DEFINITION_OPERATIONS
from verselet.operations.facts import (
    can_be_in_relationship,
    format_address,
    retrieve_current_organization,
    retrieve_relatable_tables,
    retrieve_timestamp,
    retrieve_total_record_count,
    retrieve_version,
    who_am_i,
)
from verselet.operations.files import (
    begin_upload,
    commit_blocks,
    delete_file,
    remove_file,
    retrieve_file,
    retrieve_file_content,
    store_file,
    upload_block,
    upload_chunk,
)
from verselet.operations.languages import retrieve_language_pack_version, retrieve_languages
from verselet.operations.reads import retrieve_multiple
from verselet.operations.row_operations import ROW_OPERATIONS
from verselet.operations.table_rules.catalogue import (
    create_by_rules,
    create_multiple_by_rules,
    delete_by_rules,
    update_by_rules,
)
from verselet.operations.tracking import count_changes, retrieve_deleted_rows, retrieve_versions_seen
from verselet.operations.update import upsert
from verselet.pipeline.execute import Operation

OPERATIONS: Mapping[type[messages.Request], Operation] = MappingProxyType(
    {
        messages.Create: create_by_rules,
        messages.CreateMultiple: create_multiple_by_rules,
        messages.Update: update_by_rules,
        messages.Upsert: upsert,
        messages.UpdateMultiple: update_multiple,
        messages.UpsertMultiple: upsert_multiple,
        messages.Delete: delete_by_rules,
        messages.Associate: associate,
        messages.Disassociate: disassociate,
        messages.RetrieveMultiple: retrieve_multiple,
        messages.WhoAmI: who_am_i,
        messages.RetrieveVersion: retrieve_version,
        messages.RetrieveCurrentOrganization: retrieve_current_organization,
        messages.RetrieveTotalRecordCount: retrieve_total_record_count,
        questions.RetrieveLanguages: retrieve_languages,
        questions.RetrieveLanguagePackVersion: retrieve_language_pack_version,
        questions.RetrieveTimestamp: retrieve_timestamp,
        questions.FormatAddress: format_address,
        questions.CanBeRelated: can_be_in_relationship,
        questions.RetrieveRelatableTables: retrieve_relatable_tables,
        changes.RetrieveVersionsSeen: retrieve_versions_seen,
        changes.RetrieveDeletedRows: retrieve_deleted_rows,
        changes.CountChanges: count_changes,
        content.StoreFile: store_file,
        content.RemoveFile: remove_file,
        content.DeleteFile: delete_file,
        content.BeginUpload: begin_upload,
        content.UploadChunk: upload_chunk,
        content.UploadBlock: upload_block,
        content.CommitBlocks: commit_blocks,
        content.RetrieveFile: retrieve_file,
        content.RetrieveFileContent: retrieve_file_content,
        **DEFINITION_OPERATIONS,
        **ROW_OPERATIONS,
    }
)
"""Message → its one operation."""
