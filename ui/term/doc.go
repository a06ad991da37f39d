// Package term is the one reader of terminal input. It sits between a local or remote
// terminal and Bubble Tea.
//
// Input arrives in pieces that say nothing about where a key, a paste or an answer
// ends. The reader passes on whole ones only, each with the time of its arrival. It
// drops torn ones, and says so. Of this program it imports client/guard, and model
// for the messages that it makes.
package term
