import { answered, useShop, useWords } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { Panel, Read } from "../kit/Page";
import { When } from "../kit/Show";
import { WORDS } from "./words";

/** Recomputes every sum and shows the differences. */
export function Audit() {
  const words = useWords(WORDS).audit;
  const { client } = useShop();
  const query = useQuery({
    queryKey: ["audit"],
    staleTime: Infinity,
    queryFn: async () => {
      let page = await answered(client.GET("/api/v1/admin/audit"));
      const differences = [...page.differences];
      // A shop with millions of orders is checked part by part.
      while (page.next_cursor !== undefined) {
        const query = { cursor: page.next_cursor };
        page = await answered(client.GET("/api/v1/admin/audit", { params: { query } }));
        const known = new Set(differences.map(({ invariant, subject }) => `${invariant} ${subject}`));
        differences.push(...page.differences.filter(({ invariant, subject }) => !known.has(`${invariant} ${subject}`)));
      }
      return { ...page, differences };
    },
  });
  return (
    <Panel
      title={words.run}
      extra={
        <Button loading={query.isFetching} onClick={() => void query.refetch()}>
          {words.again}
        </Button>
      }
    >
      <Read query={query}>
        {({ checked_at, differences }) => (
          <>
            <Alert
              type={differences.length === 0 ? "success" : "error"}
              showIcon
              title={differences.length === 0 ? words.good : words.bad(differences.length)}
              description={differences.length === 0 ? words.goodBody : words.badBody}
            />
            <p className="muted">
              {words.checkedAt} <When at={checked_at} whole />
            </p>
            {differences.length > 0 && (
              <div className="table-region" role="region" aria-label={words.run} tabIndex={0}>
                <table className="plain">
                  <thead>
                    <tr>
                      {[words.invariant, words.subject, words.expected, words.found].map((title) => (
                        <th key={title} scope="col">
                          {title}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {differences.map(({ invariant, subject, expected, found }) => (
                      <tr key={`${invariant} ${subject}`}>
                        <td>{words.explain(invariant)}</td>
                        <td>
                          <code>{subject}</code>
                        </td>
                        <td className="number">{expected}</td>
                        <td className="number">{found}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </>
        )}
      </Read>
    </Panel>
  );
}
