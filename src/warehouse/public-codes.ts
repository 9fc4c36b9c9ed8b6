/** Code systems and units that everybody knows; a hospital's own would tell which hospital it is. */

/** URIs of public code systems, and beginnings of such. */
export const publicSystems = {
  uris: [
    'http://loinc.org',
    'http://snomed.info/sct',
    'http://unitsofmeasure.org',
    'http://www.nlm.nih.gov/research/umls/rxnorm',
    'http://www.ama-assn.org/go/cpt',
    'http://hl7.org/fhir/sid/cvx',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'http://hl7.org/fhir/sid/icd-9-cm',
    'http://hl7.org/fhir/sid/ndc',
  ],
  beginning: 'http://terminology.hl7.org/',
} as const;

/** The highest age that may be told, in each unit of time that results are given in, in lower case. */
export const highestAges: readonly {
  readonly units: readonly string[];
  readonly highest: number;
}[] = [
  { units: ['a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years'], highest: 89 },
  { units: ['mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months'], highest: 1079 },
];
