import { format, useLanguage, useShop, useWords } from "@millrun/api";
import { Link } from "wouter";
import { Button } from "../parts/Button";
import { useNow } from "../parts/clock";
import { Failure } from "../parts/Failure";
import type { Coupon } from "./reads";
import { useTake } from "./take";
import { WORDS } from "./words";

/** Takes a coupon of a campaign and shows the result: at once, or when the queued request was processed. */
export function TakeCoupon({ coupon, isAlone = true }: { coupon: Coupon; isAlone?: boolean }) {
  const words = useWords(WORDS);
  const { config } = useShop();
  const { language } = useLanguage();
  const now = useNow();
  const take = useTake(coupon.coupon_id);
  const Heading = isAlone ? "h2" : "strong";
  if (take.state === "issued") {
    return (
      <div className="notice good enter" role="status">
        <Heading>{words.taken}</Heading>
        <p>{words.takenText}</p>
        {isAlone && (
          <Link className="link" href="/coupons">
            {words.toMine}
          </Link>
        )}
      </div>
    );
  }
  if (take.state === "queued") {
    return (
      <div className="notice enter" role="status">
        <Heading>{words.inLine}</Heading>
        <p>{words.inLineText}</p>
      </div>
    );
  }
  if (now < Date.parse(coupon.issue_starts_at)) {
    return <p className="notice">{words.starts(format.dateTime(coupon.issue_starts_at, language, config.timeZone))}</p>;
  }
  if (now >= Date.parse(coupon.issue_ends_at)) return <p className="notice">{words.ended}</p>;
  if (coupon.remaining_qty <= 0 && take.state === "none") return <p className="notice">{words.soldOut}</p>;
  return (
    <>
      {take.failure != null && <Failure failure={take.failure} />}
      <Button busy={take.state === "asking"} wide={isAlone} onClick={take.ask}>
        {words.take}
        {!isAlone && <span className="hidden">: {coupon.name}</span>}
      </Button>
    </>
  );
}
