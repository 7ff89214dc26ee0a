/** The page's texts about captioning models, in each language. */
export interface CaptionWords {
  readonly title: string;
  readonly choose: string;
  readonly chooseHint: string;
  readonly tooLargeHint: string;
  readonly draw: string;
  readonly drawHint: string;
  readonly drawing: (number: number) => string;
  /** A button's text, once a picture was chosen. */
  readonly again: string;
  readonly size: (width: number, height: number) => string;
  /** A reference caption of a drawn example. */
  readonly reference: (caption: string) => string;
  readonly others: string;
  readonly looks: string;
  readonly looksHint: string;
  readonly looksAt: (word: string, row: number, column: number, percent: string) => string;
  readonly network: (file: string) => string;
  readonly networkHint: string;
  /** The text of the inside panel for these models. */
  readonly inside: string;
  /** An explanation of the model. */
  readonly how: string;
  readonly from: string;
  readonly attention: string;
}

const en: CaptionWords = {
  title: "Caption a picture",
  choose: "Choose a picture",
  chooseHint: "Drop a picture here, paste one, or choose a file. It stays in this browser.",
  tooLargeHint: "make it smaller: the model reads it at a low resolution anyway",
  draw: "Draw an example",
  drawHint: "shapes from outside the training set",
  drawing: (number) => `Drawing ${number}`,
  again: "Caption it again",
  size: (width, height) => `The model sees it at ${width} × ${height} pixels.`,
  reference: (caption) => `A reference caption: ${caption}`,
  others: "Other captions",
  looks: "Attention",
  looksHint: "Select a word to see its attention weights: the brighter a region, the larger its weight.",
  looksAt: (word, row, column, percent) =>
    `${word}: the largest attention weight is at row ${row}, column ${column}: ${percent}`,
  network: (file) =>
    `This model uses the image network ${file}, which needs an ONNX runtime that this page does not have. Use the command line:`,
  networkHint: "Put the network's file beside the model, or pass its path with --cnn.",
  inside: "This model reads pictures: its attention is shown with the captions.",
  how: "Two networks work together. The first is a convolutional network: each block halves the picture's height and width, and the result is a grid of feature vectors, one for each region of the picture. The decoder generates the caption token by token.",
  from: "A summary of all features is the decoder's initial state.",
  attention:
    "Attention: at every step the decoder computes weights over the regions of the grid and reads their weighted sum.",
};

const ko: CaptionWords = {
  title: "그림 보여 주기",
  choose: "그림 선택",
  chooseHint: "그림을 여기에 끌어다 놓거나, 붙여 넣거나, 파일을 선택하세요. 그림은 이 브라우저를 떠나지 않습니다.",
  tooLargeHint: "그림을 줄이세요. 모델은 어차피 낮은 해상도로 읽습니다",
  draw: "하나 그리기",
  drawHint: "학습에 나온 적 없는 도형",
  drawing: (number) => `그린 그림 ${number}`,
  again: "다시 설명하기",
  size: (width, height) => `모델은 이 그림을 ${width} × ${height} 픽셀로 봅니다.`,
  reference: (caption) => `정답의 예: ${caption}`,
  others: "다른 설명",
  looks: "어텐션",
  looksHint: "단어를 고르면 어텐션 가중치가 보입니다. 가중치가 클수록 밝습니다.",
  looksAt: (word, row, column, percent) => `${word}: 어텐션 가중치가 가장 큰 곳은 ${row}행 ${column}열, ${percent}`,
  network: (file) =>
    `이 모델은 이미지 신경망(${file})을 거쳐서 봅니다. 이 페이지에는 그것을 실행할 ONNX 런타임이 없으니 명령줄에서 물어보세요.`,
  networkHint: "신경망 파일을 모델 옆에 두거나 --cnn으로 위치를 알려 주세요.",
  inside: "이 모델은 그림을 읽습니다. 어텐션은 설명과 함께 나타납니다.",
  how: "두 신경망이 함께 일합니다. 첫째는 합성곱 신경망입니다. 블록마다 그림의 높이와 너비를 절반씩 줄여, 그림의 영역마다 특징 벡터가 하나씩 있는 격자를 만듭니다. 디코더는 설명을 토큰 하나씩 씁니다.",
  from: "모든 특징을 요약한 것이 디코더의 초기 상태입니다.",
  attention: "attention: 디코더가 매 단계에서 격자의 영역마다 가중치를 매기고 그 가중합을 읽습니다.",
};

export const captions = { en, ko } as const;
