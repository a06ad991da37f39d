// Package datadir owns the folders and files that idtop keeps: they belong to
// the user who runs it, and nobody else can change them. Its one rule: a folder
// or a file is trusted only after a look at the open handle, never by its name
// alone.
//
//   - A folder is made with mode 0700 and a file with mode 0600, under any
//     umask. The name of a new folder is on the disk before Open returns.
//   - A symbolic link, another user's folder or file, one that others may write,
//     and a file with a second name elsewhere (a hard link) are refused.
//   - A file is replaced as a whole or not at all.
//   - A lock is one of the operating system's, which ends with its process. Where
//     the file system has no locks, the error says so.
//
// The owner of the system is responsible for the folders above a Dir. Others who may
// write to the parent can move a Dir away. Open refuses a folder of theirs in its
// place, since it belongs to somebody else.
//
// Windows has neither owners nor modes in this sense: there a folder below the
// user's profile is guarded by the access list that it inherits.
package datadir
