import { useShop } from "@millrun/api";
import { App, Button } from "antd";
import { downloadCsv } from "./csv";
import { useKitWords } from "./useKitWords";

/** Downloads the whole list of a page, with its filters. */
export function CsvButton({ path, filters, name }: { path: string; filters: object; name: string }) {
  const { client } = useShop();
  const { message } = App.useApp();
  const { csv } = useKitWords();
  const download = async () => {
    const isDone = await downloadCsv(client, path, filters, name).catch(() => false);
    if (!isDone) void message.error(csv.failed, 6);
  };
  return <Button onClick={() => void download()}>{csv.label}</Button>;
}
