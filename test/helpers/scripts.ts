/** Texts in which a reader's characters, code points and UTF-16 units differ, or which are easily lost. */
export const scripts = {
  Korean: "나는 학교에 갑니다. 뷁!",
  "Korean, decomposed": "나는 학교에 갑니다".normalize("NFD"),
  Arabic: "مَرْحَبًا بِكُمْ في المدرسة؟",
  Hebrew: "שָׁלוֹם עוֹלָם, מה שלומך?",
  Hindi: "नमस्ते दुनिया।",
  "combining marks": "e\u0301a\u0308o\u0302\u0323 Z\u0351\u036B\u0343",
  "families of emoji": "👨‍👩‍👧‍👦 and 👩🏽‍🚀 🏳️‍🌈",
  flags: "🇰🇷🇩🇪🇫🇷 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
  "surrogate pairs": "𝄞 𝒳𝒴𝒵 😀😀 𠮷野家",
  "control characters": "\u0000\u0007\u001b[31m\u007f\u0085\u200b\u2028\ufeff\r\n",
} as const;
