package datadir

import "syscall"

// fileSystems are the names of file systems that may lack locks, by their number in
// statfs(2).
var fileSystems = map[uint32]string{
	0x6969: "NFS", 0x517b: "SMB", 0xfe534d42: "SMB", 0xff534d42: "CIFS", 0x65735546: "FUSE",
	0x01021997: "9P", 0x5346414f: "AFS", 0x00c36400: "Ceph",
}

// fileSystemOf names the file system of a folder, "" when it is not in fileSystems.
func fileSystemOf(dir string) string {
	var stat syscall.Statfs_t
	if syscall.Statfs(dir, &stat) != nil {
		return ""
	}
	return fileSystems[uint32(stat.Type)]
}
