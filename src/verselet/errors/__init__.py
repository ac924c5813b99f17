"""Every refusal, with its code and status.

    VerseletError
    ├── ServiceError                what the service would answer: code, status, message
    │   ├── BadRequest 400
    │   │   ├── QueryRefused        a query option, an address or a segment; 0x80060888
    │   │   │   └── UnknownColumn
    │   │   ├── KeyRefused          key names in an address that form no key; 0x80060888
    │   │   ├── BodyRefused         a body that cannot be read; 0x80048d19
    │   │   ├── InvalidArgument     0x80040203
    │   │   ├── TextTooLong         0x80044331
    │   │   ├── IntegerOutOfRange   0x8004432f
    │   │   ├── NumberOutOfRange    0x80044330
    │   │   ├── ChoiceOutOfRange    0x8004431a
    │   │   ├── StatusNotOfState    0x80048408
    │   │   ├── TooManyConditions   0x8004430c
    │   │   ├── DefinitionExists    0x80047013
    │   │   ├── DefinitionInUse     0x8004f01f
    │   │   ├── SeveralParents      0x80047007
    │   │   └── FetchRefused        a query in FetchXML or SQL; 0x80040203
    │   │       ├── XmlRefused, QueryTableUnknown, QueryColumnUnknown, LinkColumnsDiffer
    │   │       ├── OperatorUnknown, LinkTypeUnknown, FilterTypeUnknown, DateGroupingUnknown
    │   │       ├── CookieOfAnotherOrder, CookieRefused, AliasTaken, GroupAliasTaken
    │   │       └── TooManyLinks, TooManyRowsToAggregate, DistinctImage
    │   │   ├── ChangesNotTracked   0x80044351
    │   │   ├── TokenExpired        0x80044352
    │   │   ├── FileTooLarge        0x80044a02
    │   │   ├── ImageRefused        0x80072553
    │   │   ├── NotThePrimaryImage  0x80090487
    │   │   ├── MessageNotForTable  0x80040800
    │   │   ├── HierarchyLoop       0x80040387
    │   │   ├── DefaultTeamNotDeletable 0x80048307
    │   │   ├── DefaultTeamNotMovable 0x80048308
    │   │   ├── DefaultTeamNotRenamable 0x8004830a
    │   │   ├── DefaultTeamKeepsMembers 0x8004830c
    │   │   ├── TeamOwnsRows        0x8004830e
    │   │   ├── UserOwnsRows        0x80048610
    │   │   ├── GroupTeamTakesInheritedRoles 0x80048350
    │   │   ├── InheritedRole       0x80044152
    │   │   ├── AdministratorRoleFixed 0x80041d31
    │   │   ├── AdministratorRoleNotDeletable 0x80041d2e
    │   │   ├── LastAdministratorStays 0x80041d30
    │   │   ├── LastAdministratorEnabled 0x80041d2f
    │   │   ├── ApplicationUserExists 0x8004f511
    │   │   ├── ApplicationUserFixed 0x80041d48
    │   │   ├── ApplicationUserKeepsAccessMode 0x80040d40
    │   │   ├── NoSharee            0x8004020c
    │   │   ├── SharedWithOwner     0x80040214
    │   │   ├── SharedWithManagedTeam 0x80048339
    │   │   ├── OwnedByAccessTeam   0x80048340
    │   │   ├── OwnedByDisabledUser 0x80040225
    │   │   ├── RuleWithoutConditions 0x80048414
    │   │   ├── TooManyRules        0x80048419
    │   │   ├── JobWithoutName      0x80048457
    │   │   ├── ImageNotAllowed     0x80044189
    │   │   ├── ImageTypeUnknown    0x8004416d
    │   │   ├── PostImageTooEarly   0x8004416e
    │   │   ├── StepAborted         0x80040265
    │   │   ├── StepFailed          0x80040224
    │   │   ├── StepNotAllowed      0x80044187
    │   │   ├── StepTooSlow         0x80081111
    │   │   └── TooManyLevels       0x80044182
    │   │   ├── JobMoveRefused      0x80044162
    │   │   │   ├── JobNotCompletable   0x80044165
    │   │   │   ├── JobNotResumable 0x80044166
    │   │   │   └── JobNotPausable  0x80044167
    │   │   ├── JobUnfinished       0x8004416a
    │   │   ├── JobNotRecurring     0x80044168
    │   │   ├── JobNotCancellable   0x80044f00
    │   │   ├── JobNeverPaused      0x80044f01
    │   │   ├── JobOfSystem         0x80044f02
    │   │   ├── ColumnNotSecurable  0x8004f501
    │   │   ├── ColumnNotSecured    0x8004f508
    │   │   ├── PermissionInvalid   0x8004f50e
    │   │   ├── ProfileProtected    0x8004f50c
    │   │   ├── ShareOfNothing      0x8004f509
    │   │   ├── ShareEmptied        0x8004f50a
    │   │   ├── ValueSharedAlready  0x8004f50b
    │   │   ├── KeyColumnSecured    0x80060896
    │   │   ├── LanguageNotValid    0x80044195
    │   │   ├── UnknownState        0x80040233
    │   │   ├── TableWithoutStates  0x80047015
    │   │   ├── TransitionNotAllowed 0x8004f00e
    │   │   ├── NotAutoNumber       0x80090470
    │   │   └── ColumnInRollup      0x80060555
    │   ├── Unauthenticated 401
    │   ├── AccessDenied 403
    │   │   ├── PrivilegeMissing    0x80040220
    │   │   ├── RowAccessDenied     0x80048306
    │   │   ├── UnsecuringDenied    0x8004f50d
    │   │   ├── ColumnRightMissing  0x8004f507
    │   │   │   ├── ColumnCreateDenied 0x8004f502
    │   │   │   ├── ColumnShareUpdateDenied 0x8004f503
    │   │   │   └── ColumnShareReadDenied 0x8004f504
    │   │   ├── UserDisabled        0x80040225
    │   │   ├── CannotActForAnother 0x80040221
    │   │   ├── PrincipalNotEntitled 0x80040231
    │   │   ├── NotAMember          0x80072560
    │   │   └── GrantsMoreThanHeld  0x80040220
    │   ├── TooMuchAsked 429
    │   │   ├── TooManyRequests     0x80072322
    │   │   ├── TooMuchExecutionTime 0x80072321
    │   │   └── TooManyAtOnce       0x80072326
    │   ├── NotFound 404
    │   │   ├── RowDoesNotExist     0x80040217
    │   │   ├── KeyDoesNotExist     0x80060891
    │   │   ├── ResourceNotFound    0x80060888
    │   │   ├── NothingStored       0x80060888
    │   │   └── TableDefinitionNotFound 0x80041102
    │   ├── DefinitionPatched 405   0x80060888
    │   ├── UnitNotDeletable 405    0x80040227
    │   ├── MethodNotAllowed 405
    │   │   └── DeleteRestricted    0x80040227
    │   ├── PreconditionFailed 412
    │   │   ├── DuplicateRow        0x80040237
    │   │   ├── DuplicateKey        0x80060892
    │   │   ├── DuplicateFound      0x80040333
    │   │   └── VersionMismatch     0x80060882
    │   ├── PayloadTooLarge 413
    │   ├── RequestCutShort 400     0x80048d19
    │   ├── NotSupportedHere 501    ours to build, named
    │   ├── Unexpected 500
    │   ├── TookTooLong 500
    │   └── Unavailable 503         0x80040252
    │       └── DiskFull
    ├── CannotBeSaid                a part of a question that the other query language has no words for
    └── OperatorError               for the person at the terminal: code, what, why, do, exit code
        ├── WrongUsage              settings that cannot be meant so; exit code 2
        ├── NotReachable            a server or database that does not answer; exit code 3
        └── RefusedByPolicy         possible, but not allowed here; exit code 4

In:        the facts of a refusal
Out:       an exception that knows its code, status and message
Not here:  how it is written as JSON (web.errors) or as lines (cli)
"""

from verselet.errors.access import (
    AccessDenied,
    CannotActForAnother,
    NotAMember,
    PrincipalNotEntitled,
    PrivilegeMissing,
    RowAccessDenied,
    Unauthenticated,
    UserDisabled,
)
from verselet.errors.column_security import (
    ColumnCreateDenied,
    ColumnNotSecured,
    ColumnRightMissing,
    ColumnShareReadDenied,
    ColumnShareUpdateDenied,
    PermissionInvalid,
    ProfileProtected,
    ShareEmptied,
    ShareOfNothing,
    UnsecuringDenied,
    ValueSharedAlready,
)
from verselet.errors.columns import (
    ColumnInRollup,
    ColumnNotSecurable,
    KeyColumnSecured,
    NotAutoNumber,
    TableWithoutStates,
    TransitionNotAllowed,
    UnknownState,
)
from verselet.errors.missing import (
    KeyDoesNotExist,
    NotFound,
    ResourceNotFound,
    RowDoesNotExist,
    TableDefinitionNotFound,
)
from verselet.errors.operator import (
    NotReachable,
    OperatorError,
    RefusedByPolicy,
    WrongUsage,
)
from verselet.errors.preconditions import (
    DuplicateKey,
    DuplicateRow,
    PreconditionFailed,
    VersionMismatch,
)
from verselet.errors.principals import (
    AdministratorRoleFixed,
    AdministratorRoleNotDeletable,
    ApplicationUserExists,
    ApplicationUserFixed,
    ApplicationUserKeepsAccessMode,
    DefaultTeamKeepsMembers,
    DefaultTeamNotDeletable,
    DefaultTeamNotMovable,
    DefaultTeamNotRenamable,
    GrantsMoreThanHeld,
    GroupTeamTakesInheritedRoles,
    HierarchyLoop,
    InheritedRole,
    LastAdministratorEnabled,
    LastAdministratorStays,
    TeamOwnsRows,
    UnitNotDeletable,
    UserOwnsRows,
)
from verselet.errors.queries import (
    AliasTaken,
    CannotBeSaid,
    CookieOfAnotherOrder,
    CookieRefused,
    DateGroupingUnknown,
    DistinctImage,
    FetchRefused,
    FilterTypeUnknown,
    GroupAliasTaken,
    LinkColumnsDiffer,
    LinkTypeUnknown,
    OperatorUnknown,
    QueryColumnUnknown,
    QueryTableUnknown,
    TooManyLinks,
    TooManyRowsToAggregate,
    XmlRefused,
)
from verselet.errors.requests import (
    BadRequest,
    BodyRefused,
    ChoiceOutOfRange,
    DefinitionExists,
    DefinitionInUse,
    IntegerOutOfRange,
    InvalidArgument,
    KeyRefused,
    LookupWrittenDirectly,
    NumberOutOfRange,
    QueryRefused,
    SeveralParents,
    StatusNotOfState,
    TextTooLong,
    TooManyConditions,
    UnknownColumn,
)
from verselet.errors.root import (
    DefinitionPatched,
    DeleteRestricted,
    DiskFull,
    MethodNotAllowed,
    NotSupportedHere,
    PayloadTooLarge,
    RequestCutShort,
    ServiceError,
    TookTooLong,
    Unavailable,
    Unexpected,
    VerseletError,
    did_you_mean,
)
from verselet.errors.row_messages import (
    DuplicateFound,
    JobWithoutName,
    MessageNotForTable,
    NoSharee,
    OwnedByAccessTeam,
    OwnedByDisabledUser,
    RuleWithoutConditions,
    SharedWithManagedTeam,
    SharedWithOwner,
    TooManyRules,
)

__all__ = [
    "AccessDenied",
    "AdministratorRoleFixed",
    "AdministratorRoleNotDeletable",
    "AliasTaken",
    "ApplicationUserExists",
    "ApplicationUserFixed",
    "ApplicationUserKeepsAccessMode",
    "BadRequest",
    "BodyRefused",
    "CannotActForAnother",
    "CannotBeSaid",
    "ChoiceOutOfRange",
    "ColumnCreateDenied",
    "ColumnInRollup",
    "ColumnNotSecurable",
    "ColumnNotSecured",
    "ColumnRightMissing",
    "ColumnShareReadDenied",
    "ColumnShareUpdateDenied",
    "CookieOfAnotherOrder",
    "CookieRefused",
    "DateGroupingUnknown",
    "DefaultTeamKeepsMembers",
    "DefaultTeamNotDeletable",
    "DefaultTeamNotMovable",
    "DefaultTeamNotRenamable",
    "DefinitionExists",
    "DefinitionInUse",
    "DefinitionPatched",
    "DeleteRestricted",
    "DiskFull",
    "DistinctImage",
    "DuplicateFound",
    "DuplicateKey",
    "DuplicateRow",
    "FetchRefused",
    "FilterTypeUnknown",
    "GrantsMoreThanHeld",
    "GroupAliasTaken",
    "GroupTeamTakesInheritedRoles",
    "HierarchyLoop",
    "InheritedRole",
    "IntegerOutOfRange",
    "InvalidArgument",
    "JobWithoutName",
    "KeyColumnSecured",
    "KeyDoesNotExist",
    "KeyRefused",
    "LastAdministratorEnabled",
    "LastAdministratorStays",
    "LinkColumnsDiffer",
    "LinkTypeUnknown",
    "LookupWrittenDirectly",
    "MessageNotForTable",
    "MethodNotAllowed",
    "NoSharee",
    "NotAMember",
    "NotAutoNumber",
    "NotFound",
    "NotReachable",
    "NotSupportedHere",
    "NumberOutOfRange",
    "OperatorError",
    "OperatorUnknown",
    "OwnedByAccessTeam",
    "OwnedByDisabledUser",
    "PayloadTooLarge",
    "PermissionInvalid",
    "PreconditionFailed",
    "PrincipalNotEntitled",
    "PrivilegeMissing",
    "ProfileProtected",
    "QueryColumnUnknown",
    "QueryRefused",
    "QueryTableUnknown",
    "RefusedByPolicy",
    "RequestCutShort",
    "ResourceNotFound",
    "RowAccessDenied",
    "RowDoesNotExist",
    "RuleWithoutConditions",
    "ServiceError",
    "SeveralParents",
    "ShareEmptied",
    "ShareOfNothing",
    "SharedWithManagedTeam",
    "SharedWithOwner",
    "StatusNotOfState",
    "TableDefinitionNotFound",
    "TableWithoutStates",
    "TeamOwnsRows",
    "TextTooLong",
    "TooManyConditions",
    "TooManyLinks",
    "TooManyRowsToAggregate",
    "TooManyRules",
    "TookTooLong",
    "TransitionNotAllowed",
    "Unauthenticated",
    "Unavailable",
    "Unexpected",
    "UnitNotDeletable",
    "UnknownColumn",
    "UnknownState",
    "UnsecuringDenied",
    "UserDisabled",
    "UserOwnsRows",
    "ValueSharedAlready",
    "VerseletError",
    "VersionMismatch",
    "WrongUsage",
    "XmlRefused",
    "did_you_mean",
]
