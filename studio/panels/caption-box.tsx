import { useEffect, useRef, useState } from "preact/hooks";
import type { Caption, PictureSize, RunRecord } from "../messages.js";
import { fileNameOf } from "../parts/download.js";
import { Drop } from "../parts/drop.js";
import { Look } from "../parts/look.js";
import { fixed, percent } from "../parts/numbers.js";
import { attempt } from "../state/store.js";
import { words } from "../words/language.js";
import { askOptions, DecodingFields, greedyDecoding } from "./decoding.js";

const MOST_BYTES = 64e6;

/** A picture to caption. */
interface ChosenPicture {
  readonly name: string;
  readonly file: Blob;
  /** A reference caption; generated examples only. */
  readonly reference?: string;
}

/** A picture and the model's caption. */
interface Described {
  readonly picture: ChosenPicture;
  readonly url: string;
  readonly caption: Caption;
}

/** Number of examples drawn so far, over all models, so that each one is different. */
let drawn = 0;

/** A drop zone for a picture, its caption, and the attention weights. */
export function CaptionBox({ run, size }: { run: RunRecord; size: PictureSize }) {
  const [decoding, setDecoding] = useState(greedyDecoding);
  const [described, setDescribed] = useState<Described | undefined>(undefined);
  const last = useRef(0);
  const { captions } = words.value;
  useEffect(() => () => URL.revokeObjectURL(described?.url ?? ""), [described?.url]);

  const describe = async (picture: ChosenPicture): Promise<void> => {
    const turn = ++last.current;
    const { name, file } = picture;
    const caption = await attempt("caption", { run: run.id, name, file, options: askOptions(decoding) });
    if (!caption || turn !== last.current) return;
    const url = picture === described?.picture ? described.url : URL.createObjectURL(file);
    setDescribed({ picture, url, caption });
  };
  const draw = async (): Promise<void> => {
    const number = ++drawn;
    const made = await attempt("draw", { number, side: size.height });
    if (made) await describe({ name: captions.drawing(number), file: made.file, reference: made.caption });
  };

  return (
    <>
      <form
        class="ask pictures"
        onSubmit={(event) => {
          event.preventDefault();
          if (described) void describe(described.picture);
        }}
      >
        <Drop
          {...{ accept: "image/*", most: MOST_BYTES, label: captions.choose, hint: captions.tooLargeHint }}
          isPasted
          onFile={({ name, bytes }) => void describe({ name, file: new Blob([bytes]) })}
        >
          <p>{captions.chooseHint}</p>
        </Drop>
        <p class="row">
          <button type="button" class="quiet" onClick={() => void draw()}>
            {captions.draw}
          </button>
          <span class="hint">{captions.drawHint}</span>
        </p>
        <DecodingFields decoding={decoding} onDecoding={setDecoding} />
        {described && (
          <p>
            <button type="submit" class="quiet">
              {captions.again}
            </button>
          </p>
        )}
      </form>
      {described && <Says described={described} size={size} />}
    </>
  );
}

function Says({ described: { picture, url, caption }, size }: { described: Described; size: PictureSize }) {
  const { ask, captions } = words.value;
  const { output, score, others = [], isCut, looks } = caption;
  const said = (
    <div aria-live="polite">
      <output class="caption">{output || "–"}</output>
      <p class="hint">{isCut ? ask.cut : `${ask.sure(percent(Math.exp(score)))} · ${ask.score(fixed(score))}`}</p>
      {picture.reference && <p class="hint">{captions.reference(picture.reference)}</p>}
    </div>
  );
  return (
    <Look
      key={`${url} ${output}`}
      name={picture.name}
      isDrawn={picture.reference !== undefined}
      {...{ url, looks, said }}
    >
      {others.length > 0 && (
        <div>
          <h3>{captions.others}</h3>
          <ol class="others">
            {others.map((other, n) => (
              <li key={n}>
                {other.output || "–"} <span class="hint">{ask.sure(percent(Math.exp(other.score)))}</span>
              </li>
            ))}
          </ol>
        </div>
      )}
      <p class="hint">{captions.size(size.width, size.height)}</p>
    </Look>
  );
}

/** A notice in place of `CaptionBox`, for models with an image network that the page cannot run. */
export function CaptionElsewhere({ run, network }: { run: RunRecord; network: string }) {
  const { captions } = words.value;
  return (
    <>
      <p>{captions.network(network)}</p>
      <pre class="command">{`npx seqloom predict ${fileNameOf(run, "safetensors")} picture.png`}</pre>
      <p class="hint">{captions.networkHint}</p>
    </>
  );
}
