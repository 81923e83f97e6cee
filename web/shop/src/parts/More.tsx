import { useWords } from "@millrun/api";
import { WORDS } from "../layout/words";
import { Button } from "./Button";
import { Failure } from "./Failure";

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  error: unknown;
  fetchNextPage: () => unknown;
}

/** Loads the next page of a list. */
export function More({ pages }: { pages: Pages }) {
  const words = useWords(WORDS);
  if (pages.isFetchNextPageError) return <Failure failure={pages.error} retry={() => void pages.fetchNextPage()} />;
  if (!pages.hasNextPage) return null;
  return (
    <div>
      <Button quiet wide={false} busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {words.more}
      </Button>
    </div>
  );
}
