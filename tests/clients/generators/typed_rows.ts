// Rows through `dataverse-ify` with the types that `dataverse-gen` wrote: the compiler and the server both agree.
import { EntityReference, setMetadataCache, XrmContextDataverseClient } from "dataverse-ify";
import { NodeWebApi } from "dataverse-ify/lib/webapi/node";
import { Contact, ContactAttributes, contactMetadata } from "./generated/entities/Contact";
import { Task, taskMetadata } from "./generated/entities/Task";
import { WhoAmIMetadata, WhoAmIRequest } from "./generated/functions/WhoAmI";
import { WhoAmIResponse } from "./generated/complextypes/WhoAmIResponse";
import { new_AnnounceMetadata, new_AnnounceRequest } from "./generated/actions/new_Announce";
import { metadataCache } from "./generated/metadata";

declare const process: { env: Record<string, string>; exit(code: number): void };

async function main(): Promise<void> {
  const webApi = new NodeWebApi(process.env.BASE_URL);
  (webApi as unknown as { getRequestImplementation(): { setAccessToken(token: string): void } })
    .getRequestImplementation().setAccessToken(process.env.TOKEN);
  setMetadataCache(metadataCache);
  const client = new XrmContextDataverseClient(webApi);

  const contact: Contact = { logicalName: contactMetadata.logicalName, firstname: "A", lastname: "registrant" };
  const contactId = await client.create(contact);
  const task: Task = {
    logicalName: taskMetadata.logicalName,
    subject: "call back",
    regardingobjectid: new EntityReference(contactMetadata.logicalName, contactId),
  };
  const taskId = await client.create(task);
  const found = await client.retrieve<Contact>(contactMetadata.logicalName, contactId, [
    ContactAttributes.FullName,
    ContactAttributes.StateCode,
  ]);
  const about = await client.retrieve<Task>(taskMetadata.logicalName, taskId, ["subject", "regardingobjectid"]);
  const request: WhoAmIRequest = { logicalName: WhoAmIMetadata.operationName };
  const me = (await client.execute(request)) as WhoAmIResponse;
  const announcing: new_AnnounceRequest = { logicalName: new_AnnounceMetadata.operationName, Word: "generated" };
  const announced = await client.execute(announcing).then(() => true);
  console.log(JSON.stringify({
    name: found.fullname,
    state: found.statecode,
    subject: about.subject,
    regarding: about.regardingobjectid?.entityType,
    isThatContact: about.regardingobjectid?.id === contactId,
    knowsMe: typeof me.UserId === "string",
    announced,
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
