"""The models as a service: the Open Inference Protocol over HTTP, beside the pages of the dashboard or alone."""
