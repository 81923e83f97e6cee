import { ApiError, useWords } from "@millrun/api";
import { Link } from "wouter";
import { imageOf } from "../catalogue/image";
import { useProduct, useSellWindow } from "../catalogue/reads";
import { useNow } from "../parts/clock";
import { Failure } from "../parts/Failure";
import { Picture } from "../parts/Picture";
import { Line, Loading } from "../parts/Skeleton";
import { NextSteps } from "./NextSteps";
import { stateOf } from "./offer";
import { Progress } from "./Progress";
import { Reserve } from "./Reserve";
import { WORDS } from "./words";

export function OfferPage({ windowId, productId }: { windowId: string; productId: string }) {
  const words = useWords(WORDS);
  return (
    <div className="stack">
      <p>
        <Link className="link" href="/">
          ‹ {words.back}
        </Link>
      </p>
      <Detail windowId={windowId} productId={productId} />
    </div>
  );
}

function Detail({ windowId, productId }: { windowId: string; productId: string }) {
  const window = useSellWindow(windowId);
  const product = useProduct(productId);
  const now = useNow();
  if (window.isPending || product.isPending) return <Sheet />;
  const retry = () => {
    void window.refetch();
    void product.refetch();
  };
  if (!window.data || !product.data) return <Failure failure={window.error ?? product.error} retry={retry} />;
  const offer = window.data.offers.find(({ product_id }) => product_id === productId);
  if (!offer) return <Failure failure={new ApiError("product_not_found", 404)} />;
  const state = stateOf(window.data, offer, now);
  return (
    <article className="split">
      <Picture id={productId} name={product.data.name} image={imageOf(product.data)} eager />
      <div className="stack">
        <div>
          <p className="muted">{window.data.name}</p>
          <h1>{product.data.name}</h1>
        </div>
        <Progress window={window.data} offer={offer} state={state} />
        {state === "open" && <Reserve product={product.data} window={window.data} offer={offer} />}
        <p className="text">{product.data.description}</p>
        <NextSteps window={window.data} offer={offer} />
      </div>
    </article>
  );
}

function Sheet() {
  return (
    <Loading>
      <div className="split" aria-hidden="true">
        <div className="picture skeleton" />
        <div className="stack">
          <Line width="70%" height={36} />
          <Line height={24} />
          <Line height={10} />
          <Line width="60%" />
          <Line height={48} />
        </div>
      </div>
    </Loading>
  );
}
