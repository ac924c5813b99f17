// Rows through the service that `odata2ts` wrote: the compiler and the server both agree.
import { FetchClient } from "@odata2ts/http-client-fetch";
import { MicrosoftDynamicsCrmService } from "./generated/MicrosoftDynamicsCrmService";

declare const process: { env: Record<string, string>; exit(code: number): void };

async function main(): Promise<void> {
  const client = new FetchClient({ headers: { Authorization: `Bearer ${process.env.TOKEN}` } });
  const service = new MicrosoftDynamicsCrmService(client, `${process.env.BASE_URL}/api/data/v9.2`);
  await service.accounts().create({ name: "generated", revenue: 12.5 });
  const found = await service.accounts().query((builder, account) =>
    builder.select("name", "revenue").filter(account.name.eq("generated")).orderBy(account.createdon.desc()).top(1));
  const [row] = found.data.value;
  const me = await service.WhoAmI();
  const announced = await service.new_Announce({ Word: "generated" });
  console.log(JSON.stringify({
    name: row.name,
    revenue: row.revenue,
    knowsMe: typeof me.data.UserId === "string",
    announced: announced.status,
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
