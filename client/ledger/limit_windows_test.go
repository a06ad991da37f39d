package ledger

const canLimitFileSize = false

func limitFileSize(uint64) {}
