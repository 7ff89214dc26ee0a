// Generates short mails and polite replies, which repeat the sender and the day, the time or the number in the mail.
// Run `npm run build` first, then: node examples/mails.mjs [count] [seed] > mails.tsv
//
// mail   hello ms hill , could we meet on friday at 10:30 ? best wishes , anna
// reply  dear anna , thank you for your mail . friday at 10:30 suits me well . kind regards , ms hill
import { printPairs, range, readBlocks } from "./templates.mjs";

const words = {
  writer: "anna tom lena paul mia ben sara jonas clara david emma felix nora leo ida oskar julia max eva".split(" "),
  reader: "hill moreau hansen silva novak rossi byrne keller lund costa meyer okafor tanaka adler".split(" "),
  title: ["mr", "ms", "dr"],
  things: "lamps chairs cups books shoes tables shirts bags clocks pans plates blankets".split(" "),
  day: "monday tuesday wednesday thursday friday saturday sunday".split(" "),
  time: range(8, 19).flatMap((hour) => [`${hour}:00`, `${hour}:15`, `${hour}:30`, `${hour}:45`]),
  n: range(2, 20),
  number: range(100, 999),
};

const greetings = ["dear", "hello", "good morning"];
const pleasantries = [
  "",
  "i hope you are well .",
  "it was good to see you last week .",
  "i have a question .",
  "sorry to bother you .",
];
const endings = ["kind regards ,", "best wishes ,", "many thanks ,", "yours ,"];

// In each block: a request said in several ways, then its reply.
const requests = readBlocks(`
could we meet on {day} at {time} ?
do you have time for me on {day} at {time} ?
i would like to see you , on {day} if possible , at {time} .
> {day} at {time} suits me well .

i have to cancel our meeting on {day} at {time} .
i am ill and cannot come on {day} at {time} .
> what a pity that we cannot meet on {day} at {time} . let us find another day .

can we move our meeting from {day} to {day2} at {time} ?
i cannot come on {day} . is {day2} at {time} possible ?
> no problem , i will see you on {day2} at {time} and not on {day} .

may i take {n} days off from {day} on ?
i need a holiday of {n} days . can it begin on {day} ?
> of course , have a good time . your {n} days off begin on {day} .

i would like a table for {n} on {day} at {time} .
are you open on {day} ? we are {n} people and would come at {time} .
> your table for {n} on {day} at {time} is booked .

order {number} has not arrived .
i am still waiting for the {things} . the order number is {number} .
> i am sorry that order {number} is late . it will be sent today .

the {things} of order {number} arrived broken .
there is something wrong with order {number} : the {things} are not what i wanted .
> i am sorry about the {things} . please send them back and write {number} on the parcel .

i cannot find the invoice for order {number} .
please send me the invoice for order {number} again .
> you will find the invoice for order {number} below .

room {number} was cold and loud . i am not happy .
i must complain about room {number} . nobody had cleaned it .
> i am sorry that you did not like room {number} . your next night is free .

thank you for the {things} !
the {number} {things} came today . what a nice surprise !
> i am glad that you like the {things} .
`).map((lines) => ({ said: lines.slice(0, -1), reply: lines.at(-1).slice(2) }));

printPairs(words, (pick, fill) => {
  const { said, reply } = pick(requests);
  const mail = [pick(greetings), "{title} {reader} ,", pick(pleasantries), pick(said), pick(endings), "{writer}"];
  return [
    fill(mail.filter((part) => part !== "").join(" ")),
    fill(`dear {writer} , thank you for your mail . ${reply} kind regards , {title} {reader}`),
  ];
});
