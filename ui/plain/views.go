package plain

import (
	"idtop/keymap"
	"idtop/model"
)

// viewsPage is all views: the tabs and the saved ones.
func viewsPage(m *model.Model) page {
	lines := make([]said, 0, len(model.Tabs)+len(m.Views.Saved))
	for i, tab := range model.Tabs {
		lines = append(lines, viewLine(m, model.ViewID{Tab: i}, tabNames[i], "key "+keyOf(m, tab.Action), num(m.List.Page.Counts.Of(tab.States))+" now", ""))
	}
	for i, view := range m.Views.Saved {
		key := ""
		if i < len(model.SavedKeys) {
			key = "key " + keyOf(m, model.SavedKeys[i])
		}
		query := "It lists all"
		if view.Query != "" {
			query = "It lists " + view.Query
		}
		if i >= len(m.Views.Saved)-m.Views.Fixed {
			query += ", and stands in the config"
		}
		lines = append(lines, viewLine(m, model.ViewID{Saved: view.Name}, view.Name, key, "", query+". Sorted by "+view.Sort()))
	}
	p := page{name: said{"views", "Views: " + num(len(model.Tabs)) + " tabs and " + num(len(m.Views.Saved)) + keyed(m, " saved. {view-open} lists one.")}, at: m.Views.At, shown: opening, opens: opening, more: keyOf(m, keymap.PageDown)}
	if m.Views.Err != nil {
		p.intro = []said{line(m.Views.Err.Error())}
	}
	return p.list(lines)
}

func viewLine(m *model.Model, id model.ViewID, name, key, now, query string) said {
	news := ""
	if counted, ok := m.Views.Count(id); ok {
		if now == "" {
			now = num(counted.Sessions) + " now"
		}
		if counted.New > 0 {
			news = num(counted.New) + " new"
		}
	}
	return said{name + query, ended(ended(listing(name, key, now, news)) + " " + sentences(query))}
}

// viewLinePage asks for the name of a view, or whether it is to be deleted.
func viewLinePage(m *model.Model, l *model.ViewLine) page {
	p := page{at: -1, asks: true}
	switch {
	case l.Delete:
		p.name = line("Delete the view "+l.Of.Name, keyed(m, "{yes} deletes it, anything else keeps it"))
	case l.New && l.Of.Name != "":
		p.name = line("Save as "+l.Of.Name+", or a new name", keyed(m, "An empty line keeps the name, {drop-name} keeps nothing"))
	case l.New:
		p.name = line("The name of the view", keyed(m, "{drop-name} keeps nothing"))
	default:
		p.name = line("The new name of the view "+l.Of.Name, keyed(m, "{drop-name} keeps the old one"))
	}
	return p
}
