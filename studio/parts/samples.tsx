import type { RunRecord } from "../messages.js";
import { words } from "../words/language.js";

/** The current samples: predictions with ☑ or ☒, or a generated text. */
export function Samples({ run }: { run: RunRecord }) {
  const { samples } = words.value;
  if (run.kind === "text")
    return run.text === "" ? null : (
      <section class="card">
        <h3>{samples.text}</h3>
        <p class="written">{run.text}</p>
      </section>
    );
  if (run.samples.length === 0) return null;
  const right = run.samples.filter(({ reference, prediction }) => reference === prediction).length;
  return (
    <section class="card">
      <div class="row">
        <h3>{samples.title}</h3>
        <span class="hint">{samples.count(right, run.samples.length)}</span>
      </div>
      <table class="samples">
        <thead>
          <tr>
            <th scope="col">{samples.question}</th>
            <th scope="col">{samples.answer}</th>
            <th scope="col">{samples.reference}</th>
          </tr>
        </thead>
        <tbody>
          {run.samples.map(({ question, reference, prediction }) => {
            const isRight = reference === prediction;
            return (
              <tr key={question} class={isRight ? "right" : "wrong"}>
                <td>{question}</td>
                <td>
                  <span class="mark" role="img" aria-label={isRight ? samples.isRight : samples.isWrong}>
                    {isRight ? "☑" : "☒"}
                  </span>{" "}
                  {shown(prediction)}
                </td>
                <td>{isRight ? "" : shown(reference)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** An answer without the leading underscore of the book's format. */
export function shown(answer: string): string {
  return answer.replace(/^_/, "");
}
