import { startEmulator } from '../providers/genesys-emulator/index.ts';
import { fillOrgs, sizedOrg } from '../providers/genesys-emulator/practice/index.ts';

/** A sized org on loopback, in a process of its own, without rate limits; tells its address to the process that started it. */
const seed = sizedOrg({ size: Number(process.argv[2]), seed: 'practice' });
const emulator = await startEmulator({ orgs: [seed.spec], seed: 'bench', limits: { perToken: 'none', perOrg: 'none' } });
fillOrgs(emulator.core, [seed]);
process.on('disconnect', () => process.exit(0));
process.send?.({ url: emulator.url });
