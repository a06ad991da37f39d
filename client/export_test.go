package client

// Reasons is the whole catalogue.
var Reasons = reasons
