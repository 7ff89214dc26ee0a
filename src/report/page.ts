/** What a page is made of. The title is plain text; the rest is put in as it is. */
export interface Page {
  readonly title: string;
  readonly style: string;
  /** Below the title. */
  readonly header: string;
  readonly main: string;
  /** Behind all content: scripts. */
  readonly end: string;
}

/** One HTML page that opens from disk: everything it needs is inside, and its policy forbids it the network. */
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

/** Plain text as it stands in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
