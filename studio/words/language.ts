import { computed, effect, signal } from "@preact/signals";
import { en } from "./en.js";
import { ko } from "./ko.js";
import type { Words } from "./words.js";

/** The languages of the page, with their own names. */
export const languages = { en: { name: "English", words: en }, ko: { name: "한국어", words: ko } } as const;
export type Language = keyof typeof languages;

const KEY = "seqloom language";

function isLanguage(code: string | null | undefined): code is Language {
  return code !== null && code !== undefined && Object.hasOwn(languages, code);
}

/** The stored choice; without storage, a choice lasts until the page closes. */
function keptLanguage(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The stored choice, or else the first of the browser's languages that the page has. */
function firstLanguage(): Language {
  const kept = keptLanguage();
  if (isLanguage(kept)) return kept;
  return navigator.languages.map((code) => code.split("-")[0]).find(isLanguage) ?? "en";
}

export const language = signal<Language>(firstLanguage());
export const words = computed<Words>(() => languages[language.value].words);

effect(() => {
  document.documentElement.lang = language.value;
  document.title = words.value.title;
});

export function chooseLanguage(code: string): void {
  if (!isLanguage(code)) return;
  language.value = code;
  try {
    localStorage.setItem(KEY, code);
  } catch {} // see keptLanguage
}
