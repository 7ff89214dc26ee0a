// Generates little stories with a question and its answer. The source is the story, a bar, and the question.
// Run `npm run build` first, then: node examples/questions.mjs [count] [seed] > questions.tsv
//
// source  anna gave 3 red kites to tom on monday . lena went to rome by train on friday . | who got the red kites ?
// answer  tom
import { printPairs, range, readBlocks } from "./templates.mjs";

const words = {
  person: "anna tom lena paul mia ben sara jonas clara david emma felix nora leo ida oskar julia max eva simon".split(
    " ",
  ),
  town: "rome paris oslo vienna lisbon dublin prague athens berlin madrid".split(" "),
  place: "garden kitchen library park museum station cellar hall office theatre".split(" "),
  shop: "market bakery kiosk supermarket farm harbour".split(" "),
  vehicle: "train bus car boat tram plane bike ferry".split(" "),
  job: "baker pilot nurse painter teacher farmer doctor gardener waiter driver".split(" "),
  event: "concert lecture party meeting wedding play fair dance".split(" "),
  toy: "kites balls dolls books drums puzzles marbles boats".split(" "),
  food: "apples rolls plums lemons cakes pears onions carrots".split(" "),
  color: "red blue green yellow black white pink brown".split(" "),
  day: "monday tuesday wednesday thursday friday saturday sunday".split(" "),
  time: range(6, 21).flatMap((hour) => [`${hour}:00`, `${hour}:30`]),
  n: range(2, 99),
};

// In each block: one fact told in several ways, then questions with their answers.
const facts = readBlocks(`
{person} gave {n} {color} {toy} to {person2} on {day} .
on {day} {person2} got {n} {color} {toy} from {person} .
who gave away the {toy} ? {person}
who got the {color} {toy} ? {person2}
what did {person} give to {person2} ? {n} {color} {toy}
how many {toy} did {person2} get ? {n}
when did {person2} get the {toy} ? on {day}

{person} went to {town} by {vehicle} on {day} .
on {day} {person} took the {vehicle} to {town} .
who went to {town} ? {person}
where did {person} go on {day} ? to {town}
when did {person} go to {town} ? on {day}
how did {person} get to {town} ? by {vehicle}

{person} met {person2} in the {place} at {time} .
at {time} {person} met {person2} in the {place} .
who met {person2} ? {person}
whom did {person} meet in the {place} ? {person2}
where did {person} meet {person2} ? in the {place}
when did {person} meet {person2} ? at {time}

{person} bought {n} {food} at the {shop} and paid {n2} euros .
at the {shop} {person} paid {n2} euros for {n} {food} .
who was at the {shop} ? {person}
what did {person} buy ? {n} {food}
where did {person} buy the {food} ? at the {shop}
how many {food} did {person} buy ? {n}
how much did {person} pay ? {n2} euros

{person} lives in {town} and works as a {job} .
{person} is a {job} from {town} .
who lives in {town} ? {person}
where does {person} live ? in {town}
what is {person} ? a {job}
who is the {job} ? {person}

the {event} in the {place} is on {day} at {time} .
on {day} at {time} there is a {event} in the {place} .
what is in the {place} ? the {event}
where is the {event} ? in the {place}
on which day is the {event} ? on {day}
when does the {event} begin ? at {time}
`).map((lines) => ({
  tellings: lines.filter((line) => line.endsWith(" .")),
  questions: lines.filter((line) => !line.endsWith(" .")).map((line) => line.split(/(?<=\?) /)),
}));

printPairs(words, (pick, fill) => {
  const told = range(1, pick([1, 2, 3])).map(() => pick(facts));
  const story = told.map(({ tellings }, part) => fill(pick(tellings), part));
  const part = pick(range(0, told.length - 1));
  const [question, answer] = pick(told[part].questions).map((text) => fill(text, part));
  return [`${story.join(" ")} | ${question}`, answer];
});
