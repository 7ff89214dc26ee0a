// Generates short news and their summaries: the first clause, then the numbers in the rest of the text, in order.
// Run `npm run build` first, then: node examples/summaries.mjs [count] [seed] > summaries.tsv
//
// text     heavy rain fell in cork on friday , and 812 homes were without power . the fire brigade went out 37 times .
// summary  heavy rain fell in cork on friday ( 812 , 37 )
import { printPairs, range, readBlocks } from "./templates.mjs";

const words = {
  brand: "norvik halden brimex talora quintal ostara veltro mirano kestrel dunmore lindqvist pavona".split(" "),
  trade: "steel foods motors energy paper glass shipping cement toys airlines textiles chemicals".split(" "),
  town: "cork derby tampere graz ghent porto bergen turin lublin aarhus basel lyon bath split malaga brno".split(" "),
  person: "moreau hansen silva novak rossi byrne keller lund costa meyer okafor tanaka adler vidal".split(" "),
  building: "library museum theatre school swimming-pool market-hall stadium hospital".split(" "),
  day: "monday tuesday wednesday thursday friday saturday sunday".split(" "),
  month: "january february march april may june july august september october november december".split(" "),
  n: range(2, 9),
  nn: range(10, 99),
  nnn: range(100, 999),
};

// In each block: what may come first, then clauses that may follow it, then sentences.
const topics = readBlocks(`
shares of {brand} {trade} rose by {nn} percent on {day}
{brand} {trade} made a profit of {nnn} million in {month}
{brand} {trade} will close its plant in {town} in {month}
{brand} {trade} wants to buy {brand2} {trade2} for {nnn} million
, after it had opened {nn2} new shops in {month2}
, which surprised most analysts
, but {nnn2} jobs in {town2} will go
. a year ago the company lost {nnn3} million
. {person} , who has led the company for {nn3} years , called the news good
. {brand3} {trade3} , its rival , has {nnn3} workers in {town3} and {nn3} in {town4}

heavy rain fell in {town} on {day}
a storm with winds of 1{nn} kilometres an hour hit {town} on {day}
snow closed the road from {town} to {town2} on {day}
it was 3{n} degrees warm in {town} on {day}
, and {nnn} homes were without power
, so that {nn2} flights to {town3} were cancelled
, but nobody was hurt
. the fire brigade went out {nn3} times
. {person} , a farmer , lost {nnn2} trees
. in {town4} , {nn3} kilometres away , it will be 1{n2} degrees on {day2}

{town} beat {town2} by {n} to 1 on {day}
{person} of {town} won the tennis final against {person2} in {month}
the women of {town} won the cup final against {town2} on {day}
{town} reached the final on {day} by {n} to 1 against {town2}
, in front of {nnn} spectators
, although it rained for {nn} minutes
, and the fans sang for {n2} hours
. coach {person3} praised the defence
. it was win number {nn2} of the season , and {nnn2} fans came by bus
. the next match against {town3} , in {nn2} days , is sold out

the council of {town} voted for a new {building} on {day}
{person} was elected mayor of {town} on {day}
{town} will plant {nnn} trees in {month}
{town} raised the price of a bus ticket by {nn} cents in {month}
, by {nn2} votes to {n}
, after a debate of {n} hours
, despite {nnn2} letters of protest
. the plan costs {nnn3} million
. {person2} , for {nn3} years a member of the council , called it a mistake
. work on the {building2} , which has taken {n2} years , will end in {month2}

a lorry turned over on the bridge near {town} on {day}
{nn} cars crashed in the fog near {town} on {day}
trains between {town} and {town2} stopped on {day}
a power cut stopped the trams of {town} for {n} hours
, and {nnn} people could not get to work
, which caused a queue of {nn2} kilometres
, but all was well again after {nn2} minutes
. the repair will cost {nnn2} million
. buses took {nnn2} travellers to {town3} , {nn3} of them by way of {town4}
. {person} , a driver , waited for {n2} hours

a wolf was seen near {town} on {day}
{nn} cows ran away from a farm near {town} on {day}
the zoo of {town} bought {n} young lions in {month}
{person} of {town} grew a pumpkin of {nnn} kilograms
, and {nn2} children took pictures
, to the joy of {nnn2} visitors
, but the police came only after {n2} hours
. farmer {person2} had never seen such a thing in {nn3} years
. in {town2} , too , something like it happened {n3} years ago
. {nnn3} people signed a letter of thanks in {month2}
`).map((lines) => ({
  openings: lines.filter((line) => !/^[,.]/.test(line)),
  clauses: lines.filter((line) => line.startsWith(",")),
  sentences: lines.filter((line) => line.startsWith(".")),
}));
const shapes = [["clauses"], ["sentences"], ["clauses", "sentences"]];

printPairs(words, (pick, fill) => {
  const topic = pick(topics);
  const opening = fill(pick(topic.openings));
  const rest = pick(shapes).map((part) => fill(pick(topic[part])));
  const numbers = rest.join(" ").match(/\d+/g);
  return [[opening, ...rest, "."].join(" "), numbers ? `${opening} ( ${numbers.join(" , ")} )` : opening];
});
