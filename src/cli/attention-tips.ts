/**
 * Says under the pointer which tokens a cell belongs to. This runs in the reader's browser: the page carries the source of
 * this one function, so nothing outside it may be named.
 */
export function showTips(): void {
  const tip = document.getElementById("tip");
  if (!tip) return;
  const edge = 8;
  let head: Element | undefined;

  const show = ({ target, clientX, clientY }: PointerEvent): void => {
    head?.classList.remove("at");
    const isCell =
      target instanceof HTMLTableCellElement && target.closest("tbody") !== null && target.tagName === "TD";
    tip.hidden = !isCell;
    if (!isCell) return;
    const row = target.parentElement;
    const column = target.closest("table")?.tHead?.rows[0]?.cells[target.cellIndex];
    const shown = target.textContent === "" ? "less than 0.5" : target.textContent;
    tip.textContent = `${row?.firstElementChild?.textContent} ← ${column?.textContent}  ${shown} %`;
    column?.classList.add("at");
    head = column;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(clientX + edge, document.documentElement.clientWidth - width - edge);
    const top = clientY - height - edge;
    tip.style.left = `${Math.max(edge, left)}px`;
    tip.style.top = `${top < edge ? clientY + 2 * edge : top}px`;
  };
  document.addEventListener("pointerover", show);
  document.addEventListener("pointermove", show);
}
