package columns

import (
	"idtop/client"
	"idtop/client/mirror"
)

// Tally counts attempts, see mirror.TallyRequest.
func (c *Columns) Tally(r mirror.TallyRequest) mirror.Tally {
	answer := mirror.Tally{TallyRequest: r}
	length, back := r.Until-r.From, r.Back()
	bins := make([]mirror.Outcomes, (r.Until-back)/r.Step)
	kinds := c.AttemptKinds()
	groupOf := make([]int32, 2*len(kinds)) // the number of a kind's group + 1, without and with a selfie
	numbers := map[mirror.Key]int32{}
	for _, span := range r.Spans() {
		for a := range c.Attempts(span[0], span[1]) {
			kind, bin := &kinds[a.Kind], &bins[(a.At-back)/r.Step]
			if !kind.Failed {
				bin.Verified++
				if c.tolds.all[*c.told.at(a.Row)].Attempts == 1 {
					bin.AtOnce++
				}
				continue
			}
			bin.Failed++
			if !kind.Reported {
				bin.Unreported++
			}
			slot := 2 * a.Kind
			if r.Split&mirror.SplitSelfie != 0 && c.kindOf(a.Row).Selfie {
				slot++
			}
			if groupOf[slot] == 0 {
				key := kind.key(slot&1 != 0).Only(r.Split)
				if numbers[key] == 0 {
					group := mirror.Group{Key: key, Steps: make([]int, length/r.Step)}
					if length <= mirror.Day {
						group.Days = make([]int, r.Days)
					}
					answer.Groups = append(answer.Groups, group)
					numbers[key] = int32(len(answer.Groups))
				}
				groupOf[slot] = numbers[key]
			}
			group := &answer.Groups[groupOf[slot]-1]
			switch {
			case a.At >= r.From:
				group.Failed++
				group.Steps[(a.At-r.From)/r.Step]++
			case a.At >= r.From-length:
				group.Before++
			}
			if day := int((r.Until - 1 - a.At) / mirror.Day); day >= 1 && day <= len(group.Days) && a.At >= r.From-client.Unix(day)*mirror.Day {
				group.Days[day-1]++
			}
		}
	}
	mirror.SortGroups(answer.Groups)
	at := func(t client.Unix) mirror.Outcomes { return bins[(t-back)/r.Step] }
	for t := r.From; t < r.Until; t += r.Step {
		step := mirror.Step{Outcomes: at(t), Before: at(t - length), Days: make([]mirror.Outcomes, r.Days)}
		for day := range step.Days {
			step.Days[day] = at(t - client.Unix(day+1)*mirror.Day)
		}
		answer.Steps = append(answer.Steps, step)
	}
	return answer
}

// key is all that a kind and its session say.
func (k AttemptKind) key(selfie bool) mirror.Key {
	return mirror.Key{Reason: k.Code, Doc: k.Doc, Country: k.Country, Type: k.Type, Flow: k.Flow, Selfie: selfie}
}
