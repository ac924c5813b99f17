"use strict";
// What `dataverse-gen` does on its command line, with a token in hand: its own sign-in knows one authority only.
const path = require("node:path");
const { setMetadataCache, XrmContextDataverseClient } = require("dataverse-ify");
const { NodeWebApi } = require("dataverse-ify/lib/webapi/node");

const generator = path.dirname(require.resolve("dataverse-gen/package.json"));
const from = (name) => require(path.join(generator, "lib", name));
const { DataverseMetadataService } = from("MetadataService");
const { SchemaModel } = from("SchemaModel");
const { TypescriptGenerator } = from("TypescriptGenerator");
const { FileSystemCodeWriter } = from("CodeWriter");
const { FileSystemTemplateProvider } = from("TemplateProvider");

const options = {
  entities: process.argv.slice(2),
  actions: ["new_Announce"],
  functions: ["WhoAmI"],
  output: { outputRoot: "generated" },
};

(async () => {
  const service = new DataverseMetadataService();
  service.server = process.env.BASE_URL;
  service.webApi = new NodeWebApi(service.server);
  service.webApi.getRequestImplementation().setAccessToken(process.env.TOKEN);
  service.client = new XrmContextDataverseClient(service.webApi);
  setMetadataCache(from("dataverse-gen/metadata").metadataCache);
  const model = new SchemaModel(service, options);
  await model.generate();
  const writer = new FileSystemCodeWriter(options);
  await new TypescriptGenerator(model, writer, new FileSystemTemplateProvider(options), options).generate();
})().catch((error) => { console.error(error); process.exit(1); });
