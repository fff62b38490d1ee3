// Package nearest finds the name somebody meant, for messages that end in
// "did you mean …?".
package nearest

import "strings"

// Name returns the candidate that takes the fewest edits to come from word, or
// "" if none is close. An edit inserts, deletes or replaces a character or swaps
// two neighbours; a difference in case counts nothing. Close means at most a
// third of the characters of word, or one edit if word has at least two. Of
// equally near candidates the first wins.
func Name(word string, candidates []string) string {
	best := ""
	n := len([]rune(word))
	most := min(max(1, n/3), n-1)
	for _, c := range candidates {
		if d := distance(word, c); d <= most {
			best, most = c, d-1
		}
	}
	return best
}

// distance counts the edits between a and b (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			replace := last[j]
			if s[i] != t[j] {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
