import { useWords } from "@millrun/api";
import { Button, type TableColumnsType } from "antd";
import { TextFilter, useFilters } from "../kit/filters";
import { CustomerLink, short } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Page } from "../kit/Page";
import { PagedTable } from "../kit/PagedTable";
import { When } from "../kit/Show";
import { useKitWords } from "../kit/useKitWords";
import { useCustomers, type CustomerRow } from "./api";
import { WORDS } from "./words";

export function Customers() {
  const words = useWords(WORDS);
  const kit = useKitWords();
  const { values, set, clear, any } = useFilters(["email", "phone"]);
  const pages = useCustomers(values);
  const columns: TableColumnsType<CustomerRow> = [
    {
      title: words.email,
      key: "email",
      render: (_, { customer_id, email }) => <CustomerLink id={customer_id} name={email ?? short(customer_id)} />,
    },
    { title: words.since, key: "since", render: (_, { created_at }) => <When at={created_at} whole /> },
  ];
  return (
    <Page title={words.title}>
      <div className="filters" role="search">
        <TextFilter label={words.email} value={values.email} onChange={(email) => set({ email, phone: undefined })} />
        <TextFilter label={words.phone} value={values.phone} onChange={(phone) => set({ phone, email: undefined })} />
        {any && (
          <Button type="link" onClick={clear}>
            {kit.clear}
          </Button>
        )}
      </div>
      <PagedTable<CustomerRow>
        label={words.title}
        pages={pages}
        rowKey={(customer) => customer.customer_id}
        columns={columns}
        empty={
          any ? (
            <Nothing title={words.noneFound.title}>{words.noneFound.body}</Nothing>
          ) : (
            <Nothing title={words.empty.title}>{words.empty.body}</Nothing>
          )
        }
      />
    </Page>
  );
}
