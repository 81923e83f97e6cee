import { useProblemWords, useShop, useWords } from "@millrun/api";
import { Button, Input } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { useMay } from "../kit/access";
import { Command } from "../kit/Command";
import { OrderLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Panel } from "../kit/Page";
import { Dot } from "../kit/Status";
import { shipRows, type RowResult } from "./api";
import { parseTracking, type TrackingRow } from "./tracking";
import { WORDS } from "./words";

const TEXT_MAX = 200_000;

/**
 * Imports tracking numbers from a spreadsheet or a carrier's file: the errors of each line, then the result of each.
 */
export function Tracking() {
  const { client } = useShop();
  const words = useWords(WORDS).tracking;
  const may = useMay();
  const [text, setText] = useState("");
  const [carrier, setCarrier] = useState("");
  const [results, setResults] = useState<RowResult[]>();
  const rows = parseTracking(text, carrier);
  const ready = rows.filter(({ fault }) => fault === undefined);
  const refused = new Set(results?.filter(({ refusal }) => refusal).map(({ line }) => line));
  const keep = () => {
    const lines = rows.filter(({ line, fault }) => fault !== undefined || refused.has(line));
    setText(lines.map((row) => [row.order_no, row.carrier, row.tracking_no].join("\t")).join("\n"));
    setResults(undefined);
  };
  return (
    <>
      {results === undefined && (
        <Panel title={words.paste}>
          <DropText text={text} onText={setText} />
          <label className="carrier">
            <span>{words.carrier}</span>
            <Input value={carrier} maxLength={60} onChange={(event) => setCarrier(event.target.value)} />
            <span className="muted">{words.carrierHelp}</span>
          </label>
        </Panel>
      )}
      {rows.length === 0 ? (
        <Nothing title={words.empty.title}>{words.empty.body}</Nothing>
      ) : (
        <Panel
          title={results ? words.done(results.length - refused.size, refused.size) : words.state}
          extra={
            results ? (
              <>
                {refused.size > 0 && <Button onClick={keep}>{words.retry(refused.size)}</Button>}
                <Button
                  onClick={() => {
                    setText("");
                    setResults(undefined);
                  }}
                >
                  {words.again}
                </Button>
              </>
            ) : (
              ready.length > 0 &&
              may("ship_order") && (
                <Command<object, RowResult[]>
                  command="ship_order"
                  subject="list"
                  kind="primary"
                  label={words.label(ready.length)}
                  title={words.title(ready.length)}
                  effect={() => words.effect(ready.length, rows.length - ready.length)}
                  confirm={() => words.confirm(ready.length)}
                  send={() => shipRows(client, ready)}
                  done={(all) => {
                    const bad = all.filter(({ refusal }) => refusal).length;
                    return words.done(all.length - bad, bad);
                  }}
                  refresh={[["orders"], ["order"], ["summary"]]}
                  after={setResults}
                />
              )
            )
          }
        >
          <Rows rows={rows} results={results} />
        </Panel>
      )}
    </>
  );
}

function DropText({ text, onText }: { text: string; onText: (text: string) => void }) {
  const words = useWords(WORDS).tracking;
  const [over, setOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const read = async (given: File | undefined) => {
    if (given) onText((await given.text()).slice(0, TEXT_MAX));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void read(event.dataTransfer.files[0]);
  };
  return (
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p className="muted">{over ? words.drop : words.help}</p>
      <Input.TextArea
        aria-label={words.paste}
        rows={6}
        maxLength={TEXT_MAX}
        placeholder={words.example}
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
      <input
        ref={file}
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        hidden
        onChange={(event) => void read(event.target.files?.[0])}
      />
      <Button onClick={() => file.current?.click()}>{words.file}</Button>
    </div>
  );
}

function Rows({ rows, results }: { rows: readonly TrackingRow[]; results: readonly RowResult[] | undefined }) {
  const words = useWords(WORDS).tracking;
  const { order } = useWords(WORDS);
  return (
    <div className="table-region" role="region" aria-label={words.state} tabIndex={0}>
      <table className="plain">
        <thead>
          <tr>
            {[words.line, order, words.carrier, words.trackingNo, words.state].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const result = results?.find(({ line }) => line === row.line);
            return (
              <tr key={row.line}>
                <td className="number muted">{row.line}</td>
                <td>{result?.order_id ? <OrderLink id={result.order_id} no={row.order_no} /> : row.order_no}</td>
                <td>{row.carrier}</td>
                <td className="number">{row.tracking_no}</td>
                <td>
                  <State row={row} result={result} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function State({ row, result }: { row: TrackingRow; result: RowResult | undefined }) {
  const words = useWords(WORDS).tracking;
  const say = useProblemWords();
  if (row.fault) return <Dot tone="bad">{words.faults[row.fault]}</Dot>;
  if (!result) return <Dot tone="quiet">{words.ready}</Dot>;
  return result.refusal ? <Dot tone="bad">{say(result.refusal)}</Dot> : <Dot tone="good">{words.shipped}</Dot>;
}
