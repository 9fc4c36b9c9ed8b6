/** The telecoms, addresses and identifiers of a patient that hold at present. */
import type { Address, ContactPoint, Identifier } from 'fhir/r4.js';
import { holdsOn } from './period.js';
import { best } from './rank.js';

type RankOfUse = Readonly<Record<string, number | undefined>>;

const rankOfTelecomUse: RankOfUse = { home: 0, mobile: 1, unstated: 2, work: 3, temp: 4 };
const rankOfAddressUse: RankOfUse = { home: 0, unstated: 1, temp: 2, work: 3, billing: 4 };
const rankOfIdentifierUse: RankOfUse = {
  official: 0,
  usual: 1,
  unstated: 2,
  secondary: 3,
  temp: 4,
};
const lowestPreference = 1_000_000;

/** @see FHIR R4 datatypes.html, ContactPoint: rank 1 is the most preferred; `old` is no longer in use */
export function currentTelecom(
  telecoms: readonly ContactPoint[] | undefined,
  system: ContactPoint['system'],
  today: string,
): string | undefined {
  return best(telecoms, (telecom) => {
    if (telecom.system !== system || telecom.value === undefined) return undefined;
    const use = rankOfTelecomUse[telecom.use ?? 'unstated'];
    if (use === undefined || !holdsOn(telecom.period, today)) return undefined;
    return (telecom.rank ?? lowestPreference) * 10 + use;
  })?.value;
}

/** @see FHIR R4 datatypes.html, Address */
export function currentAddress(
  addresses: readonly Address[] | undefined,
  today: string,
): Address | undefined {
  return best(addresses, ({ use, period }) =>
    holdsOn(period, today) ? rankOfAddressUse[use ?? 'unstated'] : undefined,
  );
}

/** The medical record number: by its type code `MR` (HL7 v2 table 0203), never one in `use: old`. */
export function medicalRecordNumber(
  identifiers: readonly Identifier[] | undefined,
  today: string,
): Identifier | undefined {
  return best(identifiers, (identifier) => {
    const { value, type, use, period } = identifier;
    if (value === undefined || type?.coding?.some(({ code }) => code === 'MR') !== true) {
      return undefined;
    }
    return holdsOn(period, today) ? rankOfIdentifierUse[use ?? 'unstated'] : undefined;
  });
}
