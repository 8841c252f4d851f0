// run.cjs PROGRAM CODES: runs a program in the emulated RP2040 of the package rp2040js, with these codes, 16 bits each,
// at the converter. Prints what the program sends by UART0, then how many of the cycles it was awake.
const { readFileSync } = require('node:fs');
const { ConsoleLogger, LogLevel, Simulator } = require('rp2040js');

const FLASH = 0x10000000, HERTZ = 125e6;
const [program, recording] = process.argv.slice(2).map((name) => readFileSync(name));
const codes = new Uint16Array(recording.buffer, recording.byteOffset, recording.length / 2);
const { clock, rp2040: chip } = new Simulator();
chip.logger = new ConsoleLogger(LogLevel.Error);
chip.flash.set(program);
chip.core.VTOR = FLASH;
chip.core.reset();

const printed = [];
chip.uart[0].onByte = (byte) => printed.push(byte);
let read = 0;
chip.adc.onADCRead = (channel) => {
  chip.adc.channelValues[channel] = codes[read++];
  chip.adc.currentChannel = channel;
  chip.adc.sampleAlarm.schedule(chip.adc.sampleTime * 1000);
};

let awake = 0;
while (read < codes.length) {
  // An interrupt that came while it was masked ends a WFI at once (Arm DDI 0419); rp2040js overlooks it.
  if (chip.core.waiting && chip.core.checkForInterrupts()) chip.core.waiting = false;
  if (chip.core.waiting) {
    clock.tick(clock.nanosToNextAlarm);
  } else {
    const cycles = chip.core.executeInstruction();
    awake += cycles;
    clock.tick((cycles * 1e9) / HERTZ);
  }
}
process.stdout.write(Buffer.from(printed));
process.stderr.write(`${awake}\n`);
