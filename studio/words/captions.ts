/** What the page says of models that describe pictures, in each language. */
export interface CaptionWords {
  readonly title: string;
  readonly choose: string;
  readonly chooseHint: string;
  readonly tooLargeHint: string;
  readonly draw: string;
  readonly drawHint: string;
  readonly drawing: (number: number) => string;
  /** On a button, where a picture is there. */
  readonly again: string;
  readonly size: (width: number, height: number) => string;
  /** A caption that the picture's drawer holds to be true. */
  readonly reference: (caption: string) => string;
  readonly others: string;
  readonly looks: string;
  readonly looksHint: string;
  readonly looksAt: (word: string, row: number, column: number, percent: string) => string;
  readonly network: (file: string) => string;
  readonly networkHint: string;
  /** In place of what is seen inside other models. */
  readonly inside: string;
  /** How such a model works. */
  readonly how: string;
  readonly from: string;
  readonly attention: string;
}

const en: CaptionWords = {
  title: "Show it a picture",
  choose: "Choose a picture",
  chooseHint: "Drop a picture here, paste one, or choose a file. It stays in this browser.",
  tooLargeHint: "make it smaller: the model reads few pixels",
  draw: "Draw one",
  drawHint: "shapes that no training has seen",
  drawing: (number) => `Drawing ${number}`,
  again: "Describe it again",
  size: (width, height) => `The model sees it in ${width} × ${height} pixels.`,
  reference: (caption) => `True would be: ${caption}`,
  others: "The next best",
  looks: "Where it looked",
  looksHint: "Choose a word: the brighter a place, the more the model looked there when it wrote the word.",
  looksAt: (word, row, column, percent) => `writing ${word}, it looks most at row ${row}, column ${column}: ${percent}`,
  network: (file) =>
    `This model sees through the image network ${file}, which takes an ONNX runtime, and this page has none. Ask it on the command line:`,
  networkHint: "The file of the network lies beside the model, or --cnn says where.",
  inside: "This model reads pictures: where it looks is shown with its captions.",
  how: "Two networks work together. The first looks at the picture through small windows, block by block, each of which leaves half of the height and width; what is left is a grid in which each place tells what is to be seen there. The decoder writes the caption, one token after another.",
  from: "All that was seen is brought together in the state that the decoder starts from.",
  attention: "Attention: in every step the decoder looks at the places of the grid, and chooses where.",
};

const ko: CaptionWords = {
  title: "그림 보여 주기",
  choose: "그림 선택",
  chooseHint: "그림을 여기에 끌어다 놓거나, 붙여 넣거나, 파일을 선택하세요. 그림은 이 브라우저를 떠나지 않습니다.",
  tooLargeHint: "그림을 줄이세요. 모델은 적은 수의 픽셀만 읽습니다",
  draw: "하나 그리기",
  drawHint: "학습에 나온 적 없는 도형",
  drawing: (number) => `그린 그림 ${number}`,
  again: "다시 설명하기",
  size: (width, height) => `모델은 이 그림을 ${width} × ${height} 픽셀로 봅니다.`,
  reference: (caption) => `맞는 설명: ${caption}`,
  others: "그다음으로 좋은 설명",
  looks: "어디를 보았는지",
  looksHint: "단어를 고르세요. 모델이 그 단어를 쓸 때 많이 본 곳일수록 밝습니다.",
  looksAt: (word, row, column, percent) => `${word} 쓰는 동안 가장 많이 본 곳: ${row}행 ${column}열, ${percent}`,
  network: (file) =>
    `이 모델은 이미지 신경망(${file})을 거쳐서 봅니다. 이 페이지에는 그것을 실행할 ONNX 런타임이 없으니 명령줄에서 물어보세요.`,
  networkHint: "신경망 파일을 모델 옆에 두거나 --cnn으로 위치를 알려 주세요.",
  inside: "이 모델은 그림을 읽습니다. 어디를 보는지는 설명과 함께 나타납니다.",
  how: "두 신경망이 함께 일합니다. 첫째 신경망은 작은 창으로 그림을 블록마다 훑으며 높이와 너비를 절반씩 줄입니다. 남는 것은 칸마다 무엇이 보이는지 담은 격자입니다. 디코더는 설명을 토큰 하나씩 씁니다.",
  from: "본 것은 모두 한 상태에 모이고, 디코더는 그 상태에서 시작합니다.",
  attention: "attention: 디코더가 매 단계에서 격자의 칸들을 보고 어디를 볼지 고릅니다.",
};

export const captions = { en, ko } as const;
