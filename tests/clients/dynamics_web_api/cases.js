"use strict";
// What DynamicsWebApi does with a server: each case stands alone, makes its own rows and throws when something differs.
const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const { DynamicsWebApi } = require("dynamics-web-api");

const BASE = process.env.BASE_URL;
const TOKEN = process.env.TOKEN;
const PREFIX = "vcase";
const FORMATTED = "OData.Community.Display.V1.FormattedValue";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NUMBER = "msevtmgt_sessionmaxcapacity";

let tokensAsked = 0;
const onTokenRefresh = async () => { tokensAsked += 1; return TOKEN; };
const api = new DynamicsWebApi({ serverUrl: BASE, onTokenRefresh });
const modern = new DynamicsWebApi({ serverUrl: BASE, onTokenRefresh, searchApi: { version: "2.0" } });

const newMark = () => crypto.randomBytes(4).toString("hex");
const text = (label) => ({
  "@odata.type": "Microsoft.Dynamics.CRM.Label",
  LocalizedLabels: [{ "@odata.type": "Microsoft.Dynamics.CRM.LocalizedLabel", Label: label, LanguageCode: 1033 }],
});
const refusal = async (promise) => {
  let answer;
  try { answer = await promise; } catch (error) { return error; }
  throw new Error(`nothing was refused: ${JSON.stringify(answer)}`);
};
// A refusal by name has to be seen as itself, not as a difference from what the case waits for.
const refusedWith = async (promise, status) => {
  const error = await refusal(promise);
  assert.equal(error.status, status, error.message);
  return error;
};

const makeAccount = (mark, more = {}) => api.create({ collection: "accounts", data: { name: `Account ${mark}`, ...more } });
const makeContact = (mark, more = {}) => api.create({ collection: "contacts", data: { lastname: mark, ...more } });
const readAccount = (key, ...select) => api.retrieve({ collection: "accounts", key, select });
const names = (count, mark) => Array.from({ length: count }, (_, i) => `${mark}-${String(i).padStart(2, "0")}`);
const mine = (mark) => `startswith(msevtmgt_name,'${mark}-')`;
const makeSessions = async (count, mark) => {
  const Targets = names(count, mark).map((name, i) => ({
    "@odata.type": "Microsoft.Dynamics.CRM.msevtmgt_session",
    msevtmgt_name: name,
    [NUMBER]: i,
    msevtmgt_sessiontype: i % 5 === 0 ? 100000001 : 100000004,
  }));
  const actionName = "Microsoft.Dynamics.CRM.CreateMultiple";
  const made = await api.callAction({ collection: "msevtmgt_sessions", actionName, action: { Targets } });
  return made.Ids;
};
const makeDeep = async (mark) => api.create({
  collection: "accounts",
  returnRepresentation: true,
  select: ["name"],
  data: {
    name: `Deep ${mark}`,
    primarycontactid: { firstname: "Deep", lastname: mark },
    Account_Tasks: [{ subject: `first ${mark}` }, { subject: `second ${mark}` }],
  },
});
const makeTable = async (mark) => {
  const SchemaName = `${PREFIX}_Thing${mark}`;
  const MetadataId = await api.createEntity({
    data: {
      "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata",
      SchemaName,
      DisplayName: text("Thing"),
      DisplayCollectionName: text("Things"),
      Description: text("Made by a case"),
      OwnershipType: "UserOwned",
      HasActivities: false,
      HasNotes: false,
      IsActivity: false,
      Attributes: [{
        "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
        AttributeType: "String",
        AttributeTypeName: { Value: "StringType" },
        SchemaName: `${PREFIX}_Name`,
        IsPrimaryName: true,
        MaxLength: 100,
        FormatName: { Value: "Text" },
        RequiredLevel: { Value: "None", CanBeChanged: true, ManagedPropertyLogicalName: "canmodifyrequirementlevelsettings" },
        DisplayName: text("Name"),
        Description: text("Its name"),
      }],
    },
  });
  const found = await api.retrieveEntity({ key: MetadataId, select: ["EntitySetName", "LogicalName"] });
  return { id: MetadataId, key: `LogicalName='${SchemaName.toLowerCase()}'`, set: found.EntitySetName, name: found.LogicalName };
};
const makeColumn = (table, kind, name, more) => api.createAttribute({
  entityKey: table.key,
  data: {
    "@odata.type": `Microsoft.Dynamics.CRM.${kind}AttributeMetadata`,
    SchemaName: `${PREFIX}_${name}`,
    RequiredLevel: { Value: "None" },
    DisplayName: text(name),
    ...more,
  },
});
const activeKey = async (table) => {
  for (const limit = Date.now() + 60000; Date.now() < limit;) {
    const found = await api.retrieveEntity({ key: table.id, select: ["LogicalName"], expand: [{ property: "Keys", select: ["EntityKeyIndexStatus"] }] });
    if (found.Keys.some((entry) => entry.EntityKeyIndexStatus === "Active")) return;
  }
  throw new Error("the key does not become active");
};

module.exports = {
  "a function says who is asking": async () => {
    const who = await api.callFunction("WhoAmI");

    for (const member of ["UserId", "BusinessUnitId", "OrganizationId"]) assert.match(who[member], GUID);
    assert.ok(tokensAsked > 0);
  },

  "a function takes a list as its parameter": async () => {
    const counted = await api.callFunction({ name: "RetrieveTotalRecordCount", parameters: { EntityNames: ["account"] } });
    const version = await api.callFunction("RetrieveVersion");

    assert.deepEqual(counted.EntityRecordCountCollection.Keys, ["account"]);
    assert.equal(typeof counted.EntityRecordCountCollection.Values[0], "number");
    assert.match(version.Version, /^\d+\.\d+\.\d+\.\d+$/);
  },

  "a row is created and read back": async () => {
    const name = `Äcme "${newMark()}" 会社`;
    const id = await api.create({ collection: "accounts", data: { name, revenue: 1234.5, creditonhold: true, accountcategorycode: 1 } });

    const row = await readAccount(id, "name", "revenue", "creditonhold", "accountcategorycode", "createdon");

    assert.match(id, GUID);
    assert.deepEqual([row.accountid, row.name, row.revenue, row.creditonhold, row.accountcategorycode], [id, name, 1234.5, true, 1]);
    assert.match(row["@odata.etag"], /^W\/"\d+"$/);
    assert.ok(row.createdon instanceof Date);
  },

  "a row is created with the rows that belong to it": async () => {
    const mark = newMark();
    const made = await makeDeep(mark);

    const row = await api.retrieve({
      collection: "accounts",
      key: made.accountid,
      expand: [{ property: "primarycontactid", select: ["lastname"] }, { property: "Account_Tasks", select: ["subject"] }],
    });

    assert.equal(made.name, `Deep ${mark}`);
    assert.equal(row.primarycontactid.lastname, mark);
    assert.deepEqual(row.Account_Tasks.map((task) => task.subject).sort(), [`first ${mark}`, `second ${mark}`]);
  },

  "annotations become members with an underscore": async () => {
    const mark = newMark();
    const contact = await makeContact(mark);
    const account = await makeAccount(mark, { "primarycontactid@odata.bind": `/contacts(${contact})` });

    const row = await api.retrieve({
      collection: "accounts", key: account, select: ["_primarycontactid_value", "statecode"], includeAnnotations: "*",
    });

    assert.equal(row.statecode_Formatted, "Active");
    assert.equal(row._primarycontactid_value_Formatted, mark);
    assert.equal(row._primarycontactid_value_LogicalName, "contact");
    assert.equal(row._primarycontactid_value_NavigationProperty, "primarycontactid");
  },

  "a row is read along a navigation, and as a reference": async () => {
    const mark = newMark();
    const contact = await makeContact(mark);
    const key = await makeAccount(mark, { "primarycontactid@odata.bind": `/contacts(${contact})` });

    const row = await api.retrieve({ collection: "accounts", key, navigationProperty: "primarycontactid", select: ["fullname"] });
    const reference = await api.retrieve({ collection: "accounts", key, select: ["primarycontactid/$ref"] });

    assert.equal(row.fullname, mark);
    assert.deepEqual([reference.collection, reference.id], ["contacts", contact]);
  },

  "a row is updated as a whole and by single properties": async () => {
    const key = await makeAccount(newMark(), { revenue: 5 });

    const updated = await api.update({ collection: "accounts", key, data: { telephone1: "1" } });
    await api.updateSingleProperty({ collection: "accounts", key, fieldValuePair: { fax: "2" } });
    const before = await readAccount(key, "telephone1", "fax", "revenue");
    const cleared = await api.deleteRecord({ collection: "accounts", key, property: "fax" });
    const after = await readAccount(key, "fax");
    const told = await api.update({ collection: "accounts", key, data: { telephone1: "3" }, returnRepresentation: true, select: ["telephone1"] });

    assert.deepEqual([updated, cleared, told.telephone1], [true, true, "3"]);
    assert.deepEqual([before.telephone1, before.fax, before.revenue, after.fax], ["1", "2", 5, null]);
  },

  "an old etag changes nothing": async () => {
    const key = await makeAccount(newMark());
    const old = (await readAccount(key, "name"))["@odata.etag"];
    await api.update({ collection: "accounts", key, data: { telephone1: "1" } });
    const current = (await readAccount(key, "name"))["@odata.etag"];

    assert.notEqual(old, current);
    assert.equal(await api.update({ collection: "accounts", key, data: { telephone1: "x" }, ifmatch: old }), false);
    assert.equal(await api.deleteRecord({ collection: "accounts", key, ifmatch: old }), false);
    assert.ok(!(await api.retrieve({ collection: "accounts", key, select: ["name"], ifnonematch: current })));
    assert.equal(await api.update({ collection: "accounts", key, data: { telephone1: "y" }, ifmatch: current }), true);
    assert.equal((await readAccount(key, "telephone1")).telephone1, "y");
  },

  "an upsert can be kept from creating and from updating": async () => {
    const key = await makeAccount(newMark());
    const missing = crypto.randomUUID();

    assert.equal(await api.upsert({ collection: "accounts", key, data: { telephone1: "z" }, ifnonematch: "*" }), null);
    assert.equal(await api.upsert({ collection: "accounts", key: missing, data: { name: "no" }, ifmatch: "*" }), null);
    await refusedWith(readAccount(missing, "name"), 404);
  },

  "an upsert creates, then updates": async () => {
    const mark = newMark();
    const key = crypto.randomUUID();

    const made = await api.upsert({ collection: "contacts", key, data: { lastname: mark } });
    const told = await api.upsert({ collection: "contacts", key, data: { firstname: "Now" }, returnRepresentation: true, select: ["fullname"] });

    assert.deepEqual([made, told.fullname], [key, `Now ${mark}`]);
  },

  "a deleted row is refused with code and message": async () => {
    const key = await makeContact(newMark());

    assert.equal(await api.deleteRecord({ collection: "contacts", key }), true);
    const gone = await refusedWith(api.retrieve({ collection: "contacts", key }), 404);
    const unknown = await refusedWith(api.create({ collection: "contacts", data: { nosuch: 1 } }), 400);
    await refusedWith(api.retrieveMultiple({ collection: "nosuchsets" }), 404);

    assert.equal(gone.code, "0x80040217");
    assert.match(gone.message, /does not exist/i);
    assert.match(unknown.message, /nosuch/);
  },

  "many rows are created by one action": async () => {
    const mark = newMark();
    const ids = await makeSessions(23, mark);

    const row = await api.retrieve({ collection: "msevtmgt_sessions", key: ids[7], select: ["msevtmgt_name"] });

    assert.equal(new Set(ids).size, 23);
    assert.equal(row.msevtmgt_name, `${mark}-07`);
  },

  "many rows are updated by one action": async () => {
    const ids = await makeSessions(3, newMark());
    const Targets = ids.map((id) => ({ "@odata.type": "Microsoft.Dynamics.CRM.msevtmgt_session", msevtmgt_sessionid: id, msevtmgt_keywords: "all" }));

    await api.callAction({ collection: "msevtmgt_sessions", actionName: "Microsoft.Dynamics.CRM.UpdateMultiple", action: { Targets } });
    const row = await api.retrieve({ collection: "msevtmgt_sessions", key: ids[2], select: ["msevtmgt_keywords"] });

    assert.equal(row.msevtmgt_keywords, "all");
  },

  "rows are filtered, ordered, limited and counted": async () => {
    const mark = newMark();
    const ids = await makeSessions(23, mark);

    const top = await api.retrieveMultiple({
      collection: "msevtmgt_sessions", select: ["msevtmgt_name", NUMBER], filter: `${mine(mark)} and ${NUMBER} ge 20`,
      orderBy: [`${NUMBER} desc`], count: true, top: 2,
    });
    const byId = await api.retrieveMultiple({ collection: "msevtmgt_sessions", select: ["msevtmgt_name"], filter: `msevtmgt_sessionid eq {${ids[4]}}` });

    assert.deepEqual(top.value.map((row) => row[NUMBER]), [22, 21]);
    assert.equal(top.oDataCount, 3);
    assert.deepEqual(byId.value.map((row) => row.msevtmgt_name), [`${mark}-04`]);
  },

  "a query function takes values in single quotes": async () => {
    const mark = newMark();
    await makeSessions(7, mark);

    const found = await api.retrieveMultiple({
      collection: "msevtmgt_sessions", select: [NUMBER], orderBy: [NUMBER],
      filter: `Microsoft.Dynamics.CRM.In(PropertyName='${NUMBER}',PropertyValues=['3','5']) and ${mine(mark)}`,
    });

    assert.deepEqual(found.value.map((row) => row[NUMBER]), [3, 5]);
  },

  "pages are followed to the end": async () => {
    const mark = newMark();
    await makeSessions(23, mark);
    const request = { collection: "msevtmgt_sessions", select: ["msevtmgt_name"], filter: mine(mark), orderBy: ["msevtmgt_name"], maxPageSize: 10 };

    const first = await api.retrieveMultiple(request);
    const second = await api.retrieveMultiple(request, first.oDataNextLink);
    const all = await api.retrieveAll(request);

    assert.ok(first.oDataNextLink.startsWith(`${BASE}/api/data/v9.2/msevtmgt_sessions?`), first.oDataNextLink);
    assert.deepEqual([first.value.length, second.value.length, second.value[0].msevtmgt_name], [10, 10, `${mark}-10`]);
    assert.deepEqual(all.value.map((row) => row.msevtmgt_name), names(23, mark));
  },

  "rows are counted as text and with a filter": async () => {
    const mark = newMark();
    await makeSessions(3, mark);

    const all = await api.count({ collection: "msevtmgt_sessions" });

    assert.equal(typeof all, "number");
    assert.ok(all >= 3);
    assert.equal(await api.count({ collection: "msevtmgt_sessions", filter: mine(mark) }), 3);
    assert.equal(await api.countAll({ collection: "msevtmgt_sessions", filter: mine(mark), select: ["msevtmgt_name"] }), 3);
  },

  "$apply groups and sums": async () => {
    const mark = newMark();
    await makeSessions(23, mark);
    const aggregate = `aggregate($count as n,${NUMBER} with sum as total)`;

    const found = await api.retrieveMultiple({
      collection: "msevtmgt_sessions", apply: `filter(${mine(mark)})/groupby((msevtmgt_sessiontype),${aggregate})`,
    });

    const byKind = Object.fromEntries(found.value.map((row) => [row.msevtmgt_sessiontype, [row.n, row.total]]));
    assert.deepEqual(byKind, { 100000001: [5, 50], 100000004: [18, 203] });
  },

  "a collection is expanded with options": async () => {
    const mark = newMark();
    const made = await makeDeep(mark);
    const expand = [{ property: "Account_Tasks", select: ["subject"], filter: `endswith(subject,'${mark}')`, orderBy: ["subject desc"], top: 1 }];

    const row = await api.retrieve({ collection: "accounts", key: made.accountid, select: ["name"], expand });

    assert.deepEqual(row.Account_Tasks.map((task) => task.subject), [`second ${mark}`]);
  },

  "a long filter goes out as a batch": async () => {
    const mark = newMark();
    const ids = await makeSessions(23, mark);
    const filter = [...ids, ...ids, ...ids].map((id) => `msevtmgt_sessionid eq ${id}`).join(" or ");

    const found = await api.retrieveMultiple({ collection: "msevtmgt_sessions", select: ["msevtmgt_name"], filter, orderBy: ["msevtmgt_name"] });

    assert.deepEqual(found.value.map((row) => row.msevtmgt_name), names(23, mark));
  },

  "FetchXML pages by its cookie": async () => {
    const mark = newMark();
    await makeSessions(23, mark);
    const request = {
      collection: "msevtmgt_sessions",
      includeAnnotations: "*",
      fetchXml: `<fetch count="10"><entity name="msevtmgt_session"><attribute name="msevtmgt_name"/><order attribute="msevtmgt_name"/>`
        + `<filter><condition attribute="msevtmgt_name" operator="like" value="${mark}-%"/></filter></entity></fetch>`,
    };

    const first = await api.fetch(request);
    const all = await api.fetchAll(request);

    assert.deepEqual([first.value.length, first.PagingInfo.nextPage], [10, 2]);
    assert.ok(first.PagingInfo.cookie.startsWith("&lt;cookie page="), first.PagingInfo.cookie);
    assert.deepEqual(all.value.map((row) => row.msevtmgt_name), names(23, mark));
  },

  "FetchXML links a table under an alias": async () => {
    const mark = newMark();
    const contact = await makeContact(mark);
    await makeAccount(mark, { "primarycontactid@odata.bind": `/contacts(${contact})` });

    const found = await api.fetch({
      collection: "accounts",
      fetchXml: `<fetch top="5"><entity name="account"><attribute name="name"/><filter><condition attribute="name" operator="eq" value="Account ${mark}"/></filter>`
        + `<link-entity name="contact" from="contactid" to="primarycontactid" alias="pc"><attribute name="lastname"/></link-entity></entity></fetch>`,
    });

    assert.deepEqual(found.value.map((row) => row["pc.lastname"]), [mark]);
  },

  "FetchXML aggregates": async () => {
    const mark = newMark();
    await makeSessions(4, mark);

    const found = await api.fetch({
      collection: "msevtmgt_sessions",
      fetchXml: `<fetch aggregate="true"><entity name="msevtmgt_session"><attribute name="msevtmgt_sessionid" aggregate="count" alias="n"/>`
        + `<filter><condition attribute="msevtmgt_name" operator="like" value="${mark}-%"/></filter></entity></fetch>`,
    });

    assert.equal(found.value[0].n, 4);
  },

  "rows are connected and parted through a collection": async () => {
    const mark = newMark();
    const [account, contact] = [await makeAccount(mark), await makeContact(mark)];
    const relation = { collection: "accounts", primaryKey: account, relationshipName: "contact_customer_accounts", relatedKey: contact };

    await api.associate({ ...relation, relatedCollection: "contacts" });
    const row = await api.retrieve({ collection: "accounts", key: account, select: ["name"], expand: [{ property: "contact_customer_accounts", select: ["lastname"] }] });
    await api.disassociate(relation);
    const parted = await api.retrieve({ collection: "contacts", key: contact, select: ["_parentcustomerid_value"] });

    assert.deepEqual(row.contact_customer_accounts.map((child) => child.lastname), [mark]);
    assert.equal(parted._parentcustomerid_value, null);
  },

  "a lookup is set and cleared as a reference": async () => {
    const mark = newMark();
    const [account, contact] = [await makeAccount(mark), await makeContact(mark)];
    const lookup = { collection: "accounts", primaryKey: account, navigationProperty: "primarycontactid" };

    await api.associateSingleValued({ ...lookup, relatedCollection: "contacts", relatedKey: contact });
    const set = await readAccount(account, "_primarycontactid_value");
    await api.disassociateSingleValued(lookup);
    const cleared = await readAccount(account, "_primarycontactid_value");

    assert.deepEqual([set._primarycontactid_value, cleared._primarycontactid_value], [contact, null]);
  },

  "a session event is bound to its session": async () => {
    const mark = newMark();
    const found = await api.retrieveRelationships({
      castType: "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
      filter: "ReferencingEntity eq 'msdyn_sessionevent' and ReferencedEntity eq 'msdyn_ocsession'",
    });
    const { ReferencingEntityNavigationPropertyName: navigation, ReferencingAttribute } = found.value[0];
    const column = `_${ReferencingAttribute}_value`;
    const session = await api.create({ collection: "msdyn_ocsessions", data: { subject: mark } });
    const data = { msdyn_name: mark, msdyn_eventtype: 192350006, [`${navigation}@odata.bind`]: `msdyn_ocsessions(${session})` };
    const key = await api.create({ collection: "msdyn_sessionevents", data });

    const row = await api.retrieve({
      collection: "msdyn_sessionevents", key, select: ["msdyn_name", "msdyn_eventtype", column],
      expand: [{ property: navigation, select: ["subject"] }], includeAnnotations: "*",
    });

    assert.equal(found.value.length, 1);
    assert.deepEqual([row[column], row[navigation].subject, row.msdyn_eventtype_Formatted], [session, mark, "SessionCreated"]);
  },

  "a batch of reads answers in order": async () => {
    const mark = newMark();
    const ids = await makeSessions(3, mark);
    api.startBatch();
    api.retrieve({ collection: "msevtmgt_sessions", key: ids[1], select: ["msevtmgt_name"] });
    api.retrieveMultiple({ collection: "msevtmgt_sessions", select: ["msevtmgt_name"], filter: mine(mark), top: 2, orderBy: ["msevtmgt_name"] });
    api.count({ collection: "msevtmgt_sessions" });
    api.callFunction("WhoAmI");

    const [row, list, count, who] = await api.executeBatch();

    assert.equal(row.msevtmgt_name, `${mark}-01`);
    assert.deepEqual(list.value.map((member) => member.msevtmgt_name), names(2, mark));
    assert.ok(count >= 3);
    assert.match(who.UserId, GUID);
  },

  "a change set refers to rows it makes": async () => {
    const mark = newMark();
    api.startBatch();
    api.create({ collection: "contacts", data: { lastname: mark }, contentId: "1" });
    api.create({ collection: "accounts", data: { name: mark, "primarycontactid@odata.bind": "$1" }, contentId: "2" });
    api.update({ contentId: "$2", data: { telephone1: "77" } });

    const [contact, account] = await api.executeBatch();
    const row = await readAccount(account, "telephone1", "_primarycontactid_value");

    assert.deepEqual([row.telephone1, row._primarycontactid_value], ["77", contact]);
  },

  "a change set is all or nothing": async () => {
    const mark = newMark();
    api.startBatch();
    api.create({ collection: "accounts", data: { name: mark } });
    api.update({ collection: "accounts", key: crypto.randomUUID(), data: { name: "missing" } });

    const errors = [await refusal(api.executeBatch())].flat();
    const left = await api.retrieveMultiple({ collection: "accounts", select: ["name"], filter: `name eq '${mark}'` });

    assert.ok(errors.some((error) => error.status === 404), errors.map((error) => error.message).join());
    assert.deepEqual(left.value, []);
  },

  "a batch goes on after an error": async () => {
    const mark = newMark();
    api.startBatch();
    api.create({ collection: "accounts", data: { name: `${mark} 1` }, inChangeSet: false });
    api.retrieve({ collection: "accounts", key: crypto.randomUUID(), select: ["name"] });
    api.create({ collection: "accounts", data: { name: `${mark} 2` }, inChangeSet: false, returnRepresentation: true });

    const [made, missing, told] = await api.executeBatch({ continueOnError: true });

    assert.match(made, GUID);
    assert.deepEqual([missing.status, (missing.error ?? missing).code], [404, "0x80040217"]);
    assert.equal(told.name, `${mark} 2`);
  },

  "a change set connects a row it makes": async () => {
    const mark = newMark();
    const contact = await makeContact(mark);
    api.startBatch();
    api.create({ collection: "accounts", data: { name: mark }, contentId: "1" });
    api.associate({ collection: "$1", relationshipName: "contact_customer_accounts", relatedCollection: "contacts", relatedKey: contact });

    const [account] = await api.executeBatch();
    const row = await api.retrieve({ collection: "contacts", key: contact, select: ["_parentcustomerid_value"] });

    assert.equal(row._parentcustomerid_value, account);
  },

  "a table is described by its name and by its id": async () => {
    const members = ["LogicalName", "EntitySetName", "PrimaryIdAttribute", "PrimaryNameAttribute"];

    const byName = await api.retrieveEntity({ key: "LogicalName='msevtmgt_session'", select: members });
    const byId = await api.retrieveEntity({ key: byName.MetadataId, select: ["LogicalName"], expand: [{ property: "Attributes", select: ["LogicalName"] }] });
    const several = await api.retrieveEntities({ select: ["LogicalName", "EntitySetName"], filter: "LogicalName eq 'account' or LogicalName eq 'msdyn_ocsession'" });

    assert.deepEqual(members.map((member) => byName[member]), ["msevtmgt_session", "msevtmgt_sessions", "msevtmgt_sessionid", "msevtmgt_name"]);
    assert.equal(byId.LogicalName, "msevtmgt_session");
    assert.ok(byId.Attributes.some((column) => column.LogicalName === "msevtmgt_name"));
    assert.deepEqual(several.value.map((table) => table.EntitySetName).sort(), ["accounts", "msdyn_ocsessions"]);
  },

  "columns are described with their options and lengths": async () => {
    const entityKey = "LogicalName='msdyn_sessionevent'";
    const choices = await api.retrieveAttributes({
      entityKey, castType: "Microsoft.Dynamics.CRM.PicklistAttributeMetadata", select: ["LogicalName", "SchemaName"], expand: [{ property: "OptionSet" }],
    });
    const name = await api.retrieveAttribute({ entityKey, attributeKey: "LogicalName='msdyn_name'", castType: "Microsoft.Dynamics.CRM.StringAttributeMetadata" });

    const kind = choices.value.find((column) => column.LogicalName === "msdyn_eventtype");
    const labels = Object.fromEntries(kind.OptionSet.Options.map((option) => [option.Value, option.Label.UserLocalizedLabel.Label]));
    assert.equal(labels[192350006], "SessionCreated");
    assert.deepEqual([name.MaxLength, name.IsPrimaryName], [100, true]);
  },

  "$metadata is XML with the tables in it": async () => {
    const xml = await api.retrieveCsdlMetadata();

    for (const part of ['<EntityType Name="msdyn_ocsession"', 'Name="accounts"', 'Namespace="Microsoft.Dynamics.CRM"']) assert.ok(xml.includes(part), part);
  },

  "table names stand for sets": async () => {
    const mark = newMark();
    const named = new DynamicsWebApi({ serverUrl: BASE, useEntityNames: true, onTokenRefresh });

    const key = await named.create({ collection: "contact", data: { lastname: mark } });

    assert.equal((await named.retrieve({ collection: "contact", key, select: ["lastname"] })).lastname, mark);
  },

  "a table and its columns are made and changed": async () => {
    const table = await makeTable(newMark());
    const column = await makeColumn(table, "String", "Code", { MaxLength: 40, FormatName: { Value: "Text" } });
    const castType = "Microsoft.Dynamics.CRM.StringAttributeMetadata";
    const full = await api.retrieveAttribute({ entityKey: table.id, attributeKey: column, castType });
    await api.updateAttribute({ entityKey: table.id, castType, mergeLabels: true, data: { ...full, MaxLength: 55, DisplayName: text("Renamed") } });
    const entity = await api.retrieveEntity({ key: table.id });
    await api.updateEntity({ data: { ...entity, DisplayName: text("Renamed too") }, mergeLabels: true });

    const again = await api.retrieveAttribute({ entityKey: table.id, attributeKey: `LogicalName='${PREFIX}_code'`, castType, select: ["MaxLength", "DisplayName"] });
    const changed = await api.retrieveEntity({ key: table.id, select: ["DisplayName"] });
    const deleted = await api.deleteRecord({ collection: "EntityDefinitions", key: table.id });

    assert.deepEqual([again.MaxLength, again.DisplayName.UserLocalizedLabel.Label], [55, "Renamed"]);
    assert.equal(changed.DisplayName.UserLocalizedLabel.Label, "Renamed too");
    assert.equal(deleted, true);
    await refusedWith(api.retrieveEntity({ key: table.key }), 404);
  },

  "rows are upserted by an alternate key": async () => {
    const table = await makeTable(newMark());
    await makeColumn(table, "String", "Code", { MaxLength: 40, FormatName: { Value: "Text" } });
    await makeColumn(table, "Integer", "Count", { MinValue: 0, MaxValue: 100, Format: "None" });
    const made = await api.create({
      collection: "EntityDefinitions", key: table.key, navigationProperty: "Keys",
      data: { SchemaName: `${PREFIX}_CodeKey`, KeyAttributes: [`${PREFIX}_code`], DisplayName: text("Code") },
    });
    await activeKey(table);
    const key = `${PREFIX}_code='a 1'`;
    await api.upsert({ collection: table.set, key, data: { [`${PREFIX}_name`]: "first", [`${PREFIX}_count`]: 1 } });
    await api.upsert({ collection: table.set, key, data: { [`${PREFIX}_count`]: 2 } });

    const row = await api.retrieve({ collection: table.set, key, select: [`${PREFIX}_name`, `${PREFIX}_count`] });

    assert.match(made, GUID);
    assert.deepEqual([row[`${PREFIX}_name`], row[`${PREFIX}_count`]], ["first", 2]);
    assert.match(row[`${table.name}id`], GUID);
  },

  "a made choice comes back formatted": async () => {
    const table = await makeTable(newMark());
    const Options = [{ Value: 1, Label: text("One") }, { Value: 2, Label: text("Two") }];
    await makeColumn(table, "Picklist", "Kind", {
      OptionSet: { "@odata.type": "Microsoft.Dynamics.CRM.OptionSetMetadata", IsGlobal: false, OptionSetType: "Picklist", Options },
    });

    const key = await api.create({ collection: table.set, data: { [`${PREFIX}_kind`]: 2 } });
    const row = await api.retrieve({ collection: table.set, key, select: [`${PREFIX}_kind`], includeAnnotations: FORMATTED });

    assert.equal(row[`${PREFIX}_kind_Formatted`], "Two");
  },

  "a file goes up and down in chunks": async () => {
    const table = await makeTable(newMark());
    await makeColumn(table, "File", "Doc", { MaxSizeInKB: 30720 });
    const place = { collection: table.set, key: await api.create({ collection: table.set, data: {} }), property: `${PREFIX}_doc` };
    const data = crypto.randomBytes(5 * 1024 * 1024 + 333);

    await api.uploadFile({ ...place, fileName: "case.bin", data });
    const file = await api.downloadFile(place);
    const deleted = await api.deleteRecord(place);

    assert.deepEqual([file.fileName, file.fileSize, deleted], ["case.bin", data.length, true]);
    assert.ok(data.equals(Buffer.from(file.data)));
    await refusedWith(api.downloadFile(place), 404);
  },

  "a lookup is made, bound and expanded": async () => {
    const mark = newMark();
    const table = await makeTable(mark);
    const id = await api.createRelationship({
      data: {
        "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
        SchemaName: `${PREFIX}_contact_thing${mark}`,
        ReferencedEntity: "contact",
        ReferencedAttribute: "contactid",
        ReferencingEntity: table.name,
        CascadeConfiguration: { Assign: "NoCascade", Delete: "RemoveLink", Merge: "NoCascade", Reparent: "NoCascade", Share: "NoCascade", Unshare: "NoCascade" },
        Lookup: {
          "@odata.type": "Microsoft.Dynamics.CRM.LookupAttributeMetadata", AttributeType: "Lookup", AttributeTypeName: { Value: "LookupType" },
          SchemaName: `${PREFIX}_ContactId`, DisplayName: text("Contact"), RequiredLevel: { Value: "None" },
        },
      },
    });
    const made = await api.retrieveRelationship({ key: id, castType: "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata" });
    const navigation = made.ReferencingEntityNavigationPropertyName;
    const contact = await makeContact(mark);
    const key = await api.create({ collection: table.set, data: { [`${navigation}@odata.bind`]: `/contacts(${contact})` } });
    const row = await api.retrieve({ collection: table.set, key, expand: [{ property: navigation, select: ["lastname"] }] });
    await api.deleteRelationship({ key: id });

    assert.deepEqual([made.ReferencingEntity, made.ReferencedEntity, made.ReferencingAttribute], [table.name, "contact", `${PREFIX}_contactid`]);
    assert.equal(row[navigation].lastname, mark);
    await refusedWith(api.retrieveRelationship({ key: id }), 404);
  },

  "a many-to-many relationship is made and used": async () => {
    const mark = newMark();
    const table = await makeTable(mark);
    const name = `${PREFIX}_thing_account${mark}`;
    await api.createRelationship({
      data: {
        "@odata.type": "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata", SchemaName: name, IntersectEntityName: name,
        Entity1LogicalName: table.name, Entity2LogicalName: "account",
      },
    });
    const account = await makeAccount(mark);
    const relation = { collection: table.set, primaryKey: await api.create({ collection: table.set, data: { [`${PREFIX}_name`]: "first" } }), relationshipName: name, relatedKey: account };
    const others = async () => (await api.retrieve({ collection: "accounts", key: account, select: ["name"], expand: [{ property: name, select: [`${PREFIX}_name`] }] }))[name];

    await api.associate({ ...relation, relatedCollection: "accounts" });
    const before = await others();
    await api.disassociate(relation);

    assert.deepEqual(before.map((row) => row[`${PREFIX}_name`]), ["first"]);
    assert.deepEqual(await others(), []);
  },

  "a global choice is made, read and deleted": async () => {
    const Name = `${PREFIX}_choice${newMark()}`;
    const Options = [{ Value: 1, Label: text("A") }, { Value: 2, Label: text("B") }];
    const key = await api.createGlobalOptionSet({
      data: { "@odata.type": "Microsoft.Dynamics.CRM.OptionSetMetadata", Name, OptionSetType: "Picklist", IsGlobal: true, DisplayName: text("Choice"), Options },
    });
    const found = await api.retrieveGlobalOptionSet({ key: `Name='${Name}'` });
    await api.deleteGlobalOptionSet({ key });

    assert.deepEqual(found.Options.map((option) => option.Value), [1, 2]);
    await refusedWith(api.retrieveGlobalOptionSet({ key }), 404);
  },

  "a row is written in the name of another user": async () => {
    const mark = newMark();
    const me = await api.callFunction("WhoAmI");
    const data = { firstname: "Other", lastname: mark, domainname: `${mark}@example.com`, "businessunitid@odata.bind": `/businessunits(${me.BusinessUnitId})` };
    const other = await api.create({ collection: "systemusers", data });
    const role = await api.retrieveMultiple({ collection: "roles", select: ["roleid"], filter: "name eq 'System Administrator'" });
    await api.associate({ collection: "systemusers", primaryKey: other, relationshipName: "systemuserroles_association", relatedCollection: "roles", relatedKey: role.value[0].roleid });

    const key = await api.create({ collection: "accounts", data: { name: mark }, impersonate: other });
    const row = await readAccount(key, "_createdby_value", "_createdonbehalfby_value");

    assert.deepEqual([row._createdby_value, row._createdonbehalfby_value], [other, me.UserId]);
  },

  "a user without a role does nothing in the name of others": async () => {
    const mark = newMark();
    const me = await api.callFunction("WhoAmI");
    const data = { firstname: "Idle", lastname: mark, domainname: `${mark}@example.com`, "businessunitid@odata.bind": `/businessunits(${me.BusinessUnitId})` };
    const impersonate = await api.create({ collection: "systemusers", data });

    const error = await refusedWith(api.create({ collection: "accounts", data: { name: mark }, impersonate }), 403);

    assert.equal(error.code, "0x80040220");
    assert.match(error.message, /has not been assigned any roles/);
    assert.deepEqual((await api.retrieveMultiple({ collection: "accounts", filter: `name eq '${mark}'` })).value, []);
  },

  "a search finds a new row": async () => {
    const mark = newMark();
    const key = await makeAccount(mark);
    const found = await api.query({ query: { search: mark, entities: ["account"], returnTotalRecordCount: true, facets: ["@search.entityname,count:100"] } });

    assert.equal(found.totalrecordcount, 1);
    assert.deepEqual(found.value.map((row) => [row["@search.objectid"], row["@search.entityname"], row.name]), [[key, "account", `Account ${mark}`]]);
    assert.equal(typeof found.value[0]["@search.score"], "number");
    assert.deepEqual(found.value[0]["@search.highlights"], { name: [`Account {crmhit}${mark}{/crmhit}`] });
    assert.deepEqual(found.facets["@search.entityname"], [{ Type: "Value", Value: "account", Count: 1 }]);
  },

  "a search of the second version finds it too": async () => {
    const mark = newMark();
    const key = await makeAccount(mark, { address1_city: "Perth" });
    const query = {
      search: `${mark} nowhere`, count: true, filter: "createdon gt 2022-08-15", orderBy: ["createdon desc"], facets: ["entityname"], searchMode: "any",
      entities: [{ name: "account", selectColumns: ["name", "createdon"], searchColumns: ["name"], filter: "address1_city eq 'Perth'" }],
    };
    const { response } = await modern.query({ query });
    const every = await modern.query({ query: { ...query, searchMode: "all" } });

    assert.deepEqual([response.Count, response.Error, every.response.Count], [1, null, 0]);
    assert.deepEqual(response.Value.map((row) => [row.Id, row.EntityName, row.Attributes.name]), [[key, "account", `Account ${mark}`]]);
    assert.ok(response.Value[0].Attributes.createdon instanceof Date);
    assert.equal(response.Facets.entityname[0].Count, 1);
  },

  "rows are suggested and a word is completed": async () => {
    const mark = newMark();
    const key = await makeAccount(mark);
    const suggested = await api.suggest({ query: { search: mark.slice(0, 7), entities: ["account"], top: 3 } });
    const wrong = `${mark.slice(0, 3)}z${mark.slice(4, 7)}`;
    const forgiven = await modern.suggest({ query: { search: wrong, fuzzy: true, entities: [{ name: "account" }] } });
    const completed = await api.autocomplete({ query: { search: mark.slice(0, 7) } });

    assert.deepEqual(suggested.value.map((item) => item.document["@search.objectid"]), [key]);
    assert.equal(suggested.value[0].text, `Account {crmhit}${mark.slice(0, 7)}{/crmhit}${mark.slice(7)}`);
    assert.ok(forgiven.response.Value.some((item) => item.Document["@search.objectid"] === key));
    assert.equal(completed.value, `{crmhit}${mark}{/crmhit}`);
  },

  "a search for signs escapes them": async () => {
    const mark = newMark();
    await makeAccount(mark, { telephone1: `+1(800)${mark}` });
    const careful = new DynamicsWebApi({ serverUrl: BASE, onTokenRefresh, searchApi: { version: "2.0", options: { escapeSpecialCharacters: true } } });
    const { response } = await careful.query({ query: { search: `+1(800)${mark}`, count: true } });

    assert.deepEqual([response.Count, response.Value[0].Highlights.telephone1], [1, [`+{crmhit}1(800)${mark}{/crmhit}`]]);
  },
};
