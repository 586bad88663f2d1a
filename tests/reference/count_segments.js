// Count the segments of each string in a JSON array on standard input.
const { SegmentedMessage } = require(`${process.argv[2]}/sms-segments-calculator`);

const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const counted = texts.map((text) => {
  const message = new SegmentedMessage(text);
  return [message.encodingName, message.segmentsCount, message.graphemes];
});
process.stdout.write(JSON.stringify(counted));
