/** Parts of a page. The title is plain text; the other parts are inserted as HTML. */
export interface Page {
  readonly title: string;
  readonly style: string;
  /** HTML below the title. */
  readonly header: string;
  readonly main: string;
  /** HTML after all content, for scripts. */
  readonly end: string;
}

/** Renders an HTML page that opens from disk: it contains everything it needs, and its policy forbids network access. */
export function renderPage({ title, style, header, main, end }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="seqloom">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
${header}
</header>
<main>
${main}
</main>
${end}
</body>
</html>
`;
}

/** Escapes plain text for HTML, including attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
