# What the next steps need.
output "service_url" {
  description = "Where the producer reads the service."
  value       = local.service_url
}

output "dataset" {
  description = "For npm run reconcile -- --dataset."
  value       = local.dataset
}
