/**
 * Shows a tooltip with the tokens of the cell under the pointer. This runs in the reader's browser: the page contains the
 * source of this one function, so it must not refer to anything outside it.
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
