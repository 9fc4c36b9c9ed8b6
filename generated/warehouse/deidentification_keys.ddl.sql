-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
CREATE TABLE IF NOT EXISTS `${dataset}.deidentification_keys` (
  id STRING NOT NULL OPTIONS (description = "Id of a record, of any collection"),
  surrogate STRING NOT NULL OPTIONS (description = "Random, made once, and made from nothing"),
  PRIMARY KEY (id) NOT ENFORCED
);
